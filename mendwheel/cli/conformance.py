"""`mendwheel conformance`: holds an app between Slack and Jira to its promises."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, note, say, table

if TYPE_CHECKING:
    from mendwheel.conformance.promise import Promise, Verdict
    from mendwheel.conformance.stage import Stage
    from mendwheel.testing import JiraSide, SlackSide

_EXAMPLE = "Example: `mendwheel conformance --app http://127.0.0.1:3000 --only 'slack-*'`"
_PORTS = (8095, 8096)


@dataclass(frozen=True)
class _Where:
    """The app as it was named, and how patient to be with it."""

    app: str | None
    events: str
    webhook: str
    command: str
    patience: float
    wait: float

    def stage(self, url: str, slack: "SlackSide", jira: "JiraSide") -> "Stage":
        from mendwheel.conformance.stage import Stage

        events, webhook = (url.rstrip("/") + path for path in (self.events, self.webhook))
        jira.webhook_url = webhook
        return Stage(slack, jira, events, webhook, self.command, self.patience)


def _address(url: str | None) -> str | None:
    """Refused at once: else it would be waited for in vain."""
    from mendwheel.domain.web import web_address

    like, instead = "http://127.0.0.1:3000", "the settings of the app"
    try:
        return url and web_address(url, like=like, instead=instead)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


_App = Annotated[
    str | None,
    typer.Option("--app", metavar="URL", callback=_address, help="The app; default: start ours."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(conformance)


def conformance(
    app_url: _App = None,
    events_path: Annotated[
        str, typer.Option(metavar="PATH", help="Where the app takes Slack's requests.")
    ] = "/slack/events",
    webhook_path: Annotated[
        str, typer.Option(metavar="PATH", help="Where the app takes Jira's webhooks.")
    ] = "/jira/webhook",
    command: Annotated[
        str, typer.Option(metavar="NAME", help="The app's slash command.")
    ] = "/resolve",
    slack_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the Slack; 0: any. 8095 with `--app`."),
    ] = None,
    jira_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the Jira; 0: any. 8096 with `--app`."),
    ] = None,
    datacenter: Annotated[
        bool, typer.Option("--datacenter", help="The Jira is a Data Center, not Cloud.")
    ] = False,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds that any one thing is waited for.")
    ] = 20.0,
    wait: Annotated[float, typer.Option(min=0, help="Seconds the app may take to come up.")] = 60.0,
    only: Annotated[
        str | None, typer.Option(metavar="NAME", help="One promise, or several: `jira-*`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Drive an app with a Slack and a Jira that fail, and say which promises it keeps.

    Point the app at the addresses and secrets that are shown first. What counts is what Slack and
    Jira see, so any app can be held to it, in any language. Exit code 1 if a promise is broken.
    """
    promises = _chosen(only)
    where = _Where(app_url, events_path, webhook_path, command, patience, wait)
    slack_usual, jira_usual = _PORTS if app_url else (0, 0)
    slack_at = slack_usual if slack_port is None else slack_port
    jira_at = jira_usual if jira_port is None else jira_port
    with _sides(slack_at, jira_at, datacenter=datacenter) as (slack, jira):
        if app_url:
            _introduce(slack, jira)
        found = asyncio.run(_play(where, slack, jira, promises))
    _report(found, as_json)
    if not all(each.kept for each in found):
        raise typer.Exit(Exit.CHECK)


def _chosen(only: str | None) -> "list[Promise]":
    from mendwheel.conformance.runner import chosen

    try:
        return chosen(only)
    except LookupError as error:
        raise CommandError(str(error), Exit.NOT_FOUND) from error


@contextmanager
def _sides(
    slack_port: int, jira_port: int, *, datacenter: bool
) -> "Iterator[tuple[SlackSide, JiraSide]]":
    from mendwheel.testing import JiraSide, SlackSide

    try:
        slack = SlackSide(port=slack_port)
    except OSError as error:
        raise CommandError(f"port {slack_port} is taken: choose another --slack-port") from error
    with slack:
        try:
            jira = JiraSide("datacenter" if datacenter else "cloud", port=jira_port)
        except OSError as error:
            raise CommandError(f"port {jira_port} is taken: choose another --jira-port") from error
        with jira:
            yield slack, jira


def _introduce(slack: "SlackSide", jira: "JiraSide") -> None:
    """What the app has to be told; the values open nothing but these two."""
    from mendwheel.conformance.ours import environment

    note("start the app with these, under whatever names it has for them:")
    for name, value in environment(slack, jira).items():
        note(f"  {name}={value}")


async def _play(
    where: _Where, slack: "SlackSide", jira: "JiraSide", promises: "list[Promise]"
) -> "list[Verdict]":
    from mendwheel.conformance import ours
    from mendwheel.conformance.runner import play, reachable

    if where.app is not None:
        note(f"waiting up to {where.wait:.0f} seconds for {where.app}")
        if not await reachable(where.app, where.wait):
            raise CommandError(f"nothing answers at {where.app}: start the app, or set --wait")
        return await play(where.stage(where.app, slack, jira), promises, _tell)
    try:
        async with ours.running(slack, jira) as url:
            return await play(where.stage(url, slack, jira), promises, _tell)
    except ours.NotStarted as error:
        raise CommandError(f"Mendwheel did not start: {error}", Exit.UNREACHABLE) from error


def _tell(verdict: "Verdict") -> None:
    note(f"{'kept' if verdict.kept else 'BROKEN':<6} {verdict.name}")


def _report(found: "list[Verdict]", as_json: bool) -> None:
    kept = sum(each.kept for each in found)
    if not as_json:
        rows = [
            ("kept" if each.kept else "BROKEN", each.name, each.text, each.detail) for each in found
        ]
        table(("", "promise", "what it says", "what was seen"), rows, shrink="what was seen")
        say(f"{kept} of {len(found)} promises kept")
    promises = [asdict(each) for each in found]
    # One line, the last one either way: whoever keeps the output finds it there.
    document({"passed": kept, "failed": len(found) - kept, "promises": promises}, indent=None)
