"""Checks of Jira: the site, the account, what it may do in each project, the way in. Only reads."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mendwheel.cli.checks import Check, fail, ok, warn
from mendwheel.cli.group_checks import groups
from mendwheel.cli.place_checks import followed, unsafe
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.outside import JIRA_ROLE
from mendwheel.domain.place import Place
from mendwheel.integrations.jira.client import JiraClient
from mendwheel.integrations.jira.connection import quoted
from mendwheel.integrations.jira.errors import reading_answer
from mendwheel.integrations.jira.poll import jql
from mendwheel.integrations.jira.transitions import CATEGORIES, there
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

ANSWER_WITHIN = 10.0
"""Seconds for all requests together."""

_NEEDED = {"BROWSE_PROJECTS": "see issues", "ADD_COMMENTS": "comment"}
_USEFUL = {"EDIT_ISSUES": "add the label", "TRANSITION_ISSUES": "move issues on"}


def jira(settings: Settings) -> Iterator[Check]:
    """Site, account, projects, transitions, webhook or poll."""
    if not settings.jira or settings.jira_base_url is None:
        yield ok("jira", "not used: jira_base_url is not set")
        yield from groups(settings, JIRA_ROLE)
        return
    if unsafe(settings.jira_base_url):
        yield warn("jira", "the token travels unencrypted", "set jira_base_url to https://…")
    client = JiraClient(settings)
    try:
        with client.http.deadline(ANSWER_WITHIN):
            yield from _looked_at(client, settings)
    except PlaceError as error:
        yield _failed("jira", error)
    finally:
        client.close()


def _looked_at(client: JiraClient, settings: Settings) -> Iterator[Check]:
    """Raises PlaceError: there is no use in going on."""
    deployment = _deployment(client, settings)
    yield deployment
    if deployment.state == "fail":  # every further answer would only say the same
        return
    yield ok("jira account", f"{client.myself().name} at {settings.jira_base_url}")
    statuses = list[Mapping[str, Any]]()
    for key in projects(settings):
        try:
            yield _project(client, key)
            statuses += _statuses(client, key)
        except PlaceError as error:
            yield _failed(f"jira:{key}", error)
    yield from groups(settings, JIRA_ROLE)
    if statuses:
        yield _transitions(settings, statuses)
    yield _way_in(settings)
    if settings.jira_poll_seconds:
        yield _search(client, settings)


def projects(settings: Settings) -> list[str]:
    """Keys of the projects that the settings name, by themselves or as places."""
    places = [Place(system="jira", address=key).group for key in followed(settings, "jira")]
    keys = [*settings.jira_projects, *(place.partition(":")[2] for place in places)]
    return list(dict.fromkeys(keys))


def _deployment(client: JiraClient, settings: Settings) -> Check:
    try:
        raw = client.http.get("serverInfo", "jira", "tell its version")
    except PlaceError as error:
        if error.kind != "404" or settings.jira_deployment != "cloud":
            raise
        way = "set jira_deployment = 'datacenter', or check jira_base_url"
        return fail("jira", "no REST API of Jira Cloud answers there (404)", way)
    with reading_answer("jira", "tell its version"):
        found = "cloud" if raw["deploymentType"] == "Cloud" else "datacenter"
        version = str(raw.get("version", ""))
    if found != settings.jira_deployment:
        return fail("jira", f"this is Jira {version}, {found}", f"set jira_deployment = {found!r}")
    return ok("jira", f"version {version}, {found}")


def _project(client: JiraClient, key: str) -> Check:
    """Raises PlaceError: the project cannot be read."""
    client.http.get(f"project/{quoted(key)}", f"jira:{key}", f"read project {key}")
    try:
        lacking = _lacking(client, key)
    except PlaceError as error:
        if error.kind != "404":
            raise
        way = "try a comment there by hand, as the account"
        return warn(f"jira:{key}", "this Jira does not say what the account may do", way)
    if not lacking:
        return ok(f"jira:{key}", "the account may see, comment, edit and move issues")
    words = ", ".join(f"{name} ({(_NEEDED | _USEFUL)[name]})" for name in lacking)
    say = fail if set(lacking) & set(_NEEDED) else warn
    return say(f"jira:{key}", f"the account lacks {words}", "give it a role in the project")


def _lacking(client: JiraClient, key: str) -> list[str]:
    wanted, doing = [*_NEEDED, *_USEFUL], f"ask what we may do in {key}"
    query = {"projectKey": key, "permissions": ",".join(wanted)}
    raw = client.http.get("mypermissions", f"jira:{key}", doing, **query)
    with reading_answer(f"jira:{key}", doing):
        return [name for name in wanted if not _has(raw["permissions"], name)]


def _has(given: Mapping[str, Any], name: str) -> bool:
    return bool((given.get(name) or {}).get("havePermission"))


def _statuses(client: JiraClient, key: str) -> list[Mapping[str, Any]]:
    doing = f"list the statuses of {key}"
    raw = client.http.get(f"project/{quoted(key)}/statuses", f"jira:{key}", doing)
    with reading_answer(f"jira:{key}", doing):
        return [status for kind in raw for status in kind["statuses"]]


def _transitions(settings: Settings, statuses: list[Mapping[str, Any]]) -> Check:
    """Every target is a status or a category, every outcome one that there is."""
    name, outcomes = "jira transitions", [kind.value for kind in OutcomeKind]
    unknown = [outcome for outcome in settings.jira_transitions if outcome not in outcomes]
    if unknown:
        return fail(
            name, f"no such outcome: {', '.join(unknown)}", f"choose from {', '.join(outcomes)}"
        )
    targets = dict.fromkeys(settings.jira_transitions.values())
    missing = [each for each in targets if not any(there(status, each) for status in statuses)]
    if missing:
        known = sorted({str(status.get("name", "?")) for status in statuses})
        return fail(
            name,
            f"no status or category is called {', '.join(missing)}",
            f"jira_transitions may name {', '.join([*known, *sorted(CATEGORIES)])}",
        )
    return ok(name, ", ".join(f"{k} → {v}" for k, v in settings.jira_transitions.items()) or "none")


def _way_in(settings: Settings) -> Check:
    ways = []
    if settings.jira_webhook_secret is not None:
        ways.append("webhooks to /jira/webhook are verified")
    if settings.jira_poll_seconds:
        ways.append(f"changes are looked for every {settings.jira_poll_seconds:g} s")
    if ways:
        return ok("jira news", "; ".join(ways))
    return fail(
        "jira news",
        "none come in: webhooks without a secret are refused, and nothing is looked for",
        "set jira_webhook_secret, or jira_poll_seconds",
    )


def _search(client: JiraClient, settings: Settings) -> Check:
    now = datetime.now(UTC)
    try:
        client.search(jql(settings, now, now), limit=1)
    except PlaceError as error:
        return _failed("jira poll", error)
    if not (settings.jira_projects or settings.jira_jql):
        return warn("jira poll", "takes in every issue that the account sees", "set jira_projects")
    return ok("jira poll", "the search works")


def _failed(name: str, error: PlaceError) -> Check:
    """Jira's messages end in the way out, after a semicolon."""
    what, _, way = str(error).rpartition("; ")
    if error.retryable:  # the message promises another attempt, which there is none of here
        way = "check jira_base_url and the network"
    return fail(name, what or str(error), way or "look at the message")
