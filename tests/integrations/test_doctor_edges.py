"""The doctor over real HTTP: says what is wrong with Slack and Jira, and changes nothing there."""

import json
import re
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mendwheel.cli.app import run
from mendwheel.cli.checks import Check
from mendwheel.cli.edge_checks import alerts, oncall, places
from mendwheel.cli.jira_checks import jira
from mendwheel.cli.slack_checks import NEEDED, USEFUL, slack
from mendwheel.integrations.jira.connection import Connection
from mendwheel.settings import Settings
from mendwheel.testing import JiraSide, SlackSide
from mendwheel.testing.slack_side import SlackCall

ROOT = Path(__file__).resolve().parents[2]
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
READS = {"auth.test", "conversations.info", "apps.connections.open"}


class Workspace(SlackSide):
    """Opens a connection for one app token besides what it does already."""

    app_token = "xapp-local"

    def _authorise(self, request: Any, args: Any) -> None:
        if request.headers.get("authorization") != f"Bearer {self.app_token}":
            super()._authorise(request, args)

    def _result(self, call: SlackCall) -> dict[str, Any]:
        if call.method == "apps.connections.open":
            return {"url": "wss://127.0.0.1:1/never-connected"}
        return super()._result(call)


@pytest.fixture(scope="module")
def one_workspace() -> Iterator[Workspace]:
    with Workspace() as side:
        yield side


@pytest.fixture
def workspace(one_workspace: Workspace) -> Iterator[Workspace]:
    scopes = one_workspace.space.scopes
    yield one_workspace
    one_workspace.space.scopes = scopes
    assert {call.method for call in one_workspace.calls} <= READS, "the doctor changes nothing"


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def site(request: pytest.FixtureRequest) -> Iterator[JiraSide]:
    with JiraSide(request.param) as side:
        yield side
        assert [call.operation for call in side.calls if call.writes] == []


def of_slack(side: SlackSide, **changes: Any) -> Settings:
    given: dict[str, Any] = {
        "slack_base_url": side.base_url,
        "slack_bot_token": side.token,
        "slack_signing_secret": SIGNING_SECRET,
        "alerts_show_in": ["slack:C0GENERAL"],
    }
    return Settings(**given | changes)


def of_jira(side: JiraSide, **changes: Any) -> Settings:
    given: dict[str, Any] = {
        "jira_base_url": side.base_url,
        "jira_user": side.user,
        "jira_token": side.token,
        "jira_deployment": side.deployment,
        "jira_webhook_secret": side.webhook_secret,
        "jira_projects": ["PROJ", "DESK"],
    }
    return Settings(**given | changes)


def named(found: Iterable[Check]) -> dict[str, Check]:
    """By name; the worst where several have one."""
    rank = {"ok": 0, "warn": 1, "fail": 2}
    checks: dict[str, Check] = {}
    for check in sorted(found, key=lambda check: rank[check.state]):
        assert check.state == "ok" or check.way_out, check
        checks[check.name] = check
    return checks


def states(found: Iterable[Check]) -> dict[str, str]:
    return {name: check.state for name, check in named(found).items()}


def test_a_whole_slack_is_well(workspace: Workspace) -> None:
    assert states(slack(of_slack(workspace))) == {
        "slack": "ok",
        "slack scopes": "ok",
        "slack:C0GENERAL": "ok",
        "slack requests": "ok",
    }


def test_a_refused_token_is_found_and_nothing_else_is_asked(workspace: Workspace) -> None:
    found = named(slack(of_slack(workspace, slack_bot_token="xoxb-wrong")))
    assert list(found) == ["slack"]
    assert found["slack"].state == "fail"
    assert "invalid_auth" in found["slack"].detail
    assert "MENDWHEEL_SLACK_BOT_TOKEN" in found["slack"].way_out


@pytest.mark.parametrize(
    ("scope", "state"), [(s, "fail") for s in NEEDED] + [(s, "warn") for s in USEFUL]
)
def test_a_missing_scope_is_named(workspace: Workspace, scope: str, state: str) -> None:
    workspace.space.scopes = frozenset(workspace.space.scopes) - {scope}
    check = named(slack(of_slack(workspace)))["slack scopes"]
    assert (check.state, scope in check.detail) == (state, True)


def test_the_scopes_that_are_looked_for_are_those_of_the_manifest() -> None:
    manifest = (ROOT / "deploy" / "slack" / "manifest.yaml").read_text("utf-8")
    listed = manifest.split("\n    bot:\n")[1].split("\nsettings:")[0]
    scopes = set(re.findall(r"^ +- ([a-z_.:]+)", listed, re.MULTILINE))
    assert scopes == {*NEEDED, *USEFUL}


def test_channels_that_cannot_be_used_are_found(workspace: Workspace) -> None:
    workspace.space.add_channel("C0OUT", "out", bot_is_in=False)
    workspace.space.add_channel("C0OLD", "old").archived = True
    settings = of_slack(
        workspace,
        alerts_show_in=["slack:C0OUT"],
        places=[{"place": "slack:C0OLD", "show_in": ["slack:C0GONE/1700000000.000100"]}],
    )
    found = named(slack(settings))
    assert {name: found[f"slack:{name}"].state for name in ("C0OUT", "C0OLD", "C0GONE")} == {
        "C0OUT": "fail",
        "C0OLD": "fail",
        "C0GONE": "fail",
    }
    assert "/invite" in found["slack:C0OUT"].way_out
    assert "archived" in found["slack:C0OLD"].detail
    assert "channel_not_found" in found["slack:C0GONE"].detail


def test_a_signing_secret_that_is_none_of_slacks_is_found(workspace: Workspace) -> None:
    settings = of_slack(workspace, slack_signing_secret="xoxb-pasted-into-the-wrong-place")
    check = named(slack(settings))["slack requests"]
    assert (check.state, "pasted" in check.detail) == ("warn", False)


@pytest.mark.parametrize(("token", "state"), [("xapp-local", "ok"), ("xapp-wrong", "fail")])
def test_socket_mode_asks_for_a_connection(workspace: Workspace, token: str, state: str) -> None:
    settings = of_slack(workspace, slack_mode="socket", slack_app_token=token)
    found = named(slack(settings))
    assert found["slack socket"].state == state
    assert "slack requests" not in found


def test_a_whole_jira_is_well(site: JiraSide) -> None:
    assert states(jira(of_jira(site, jira_poll_seconds=60))) == {
        "jira": "ok",
        "jira account": "ok",
        "jira:PROJ": "ok",
        "jira:DESK": "ok",
        "jira transitions": "ok",
        "jira news": "ok",
        "jira poll": "ok",
    }


def test_the_other_deployment_is_found(site: JiraSide) -> None:
    other = "datacenter" if site.deployment == "cloud" else "cloud"
    check = named(jira(of_jira(site, jira_deployment=other)))["jira"]
    assert check.state == "fail"
    assert site.deployment in check.detail + check.way_out


def test_a_refused_account_is_found(site: JiraSide) -> None:
    check = named(jira(of_jira(site, jira_token="wrong-and-secret")))["jira"]
    assert (check.state, "401" in check.detail) == ("fail", True)
    assert "jira_token" in check.way_out
    assert "wrong-and-secret" not in check.model_dump_json()


def test_a_project_that_is_not_there_is_found(site: JiraSide) -> None:
    settings = of_jira(site, jira_projects=["NOPE"], places=[{"place": "jira:PROJ"}])
    found = named(jira(settings))
    assert (found["jira:NOPE"].state, found["jira:PROJ"].state) == ("fail", "ok")


@pytest.mark.parametrize(
    ("lacking", "state"), [("ADD_COMMENTS", "fail"), ("TRANSITION_ISSUES", "warn")]
)
def test_what_the_account_may_not_do_is_found(
    site: JiraSide, monkeypatch: pytest.MonkeyPatch, lacking: str, state: str
) -> None:
    get = Connection.get

    def without(self: Connection, path: str, *told: str, **params: Any) -> Any:
        answer = get(self, path, *told, **params)
        if path == "mypermissions":
            answer["permissions"][lacking]["havePermission"] = False
        return answer

    monkeypatch.setattr(Connection, "get", without)
    check = named(jira(of_jira(site)))["jira:PROJ"]
    assert (check.state, lacking in check.detail) == (state, True)


def test_a_jira_that_does_not_say_what_we_may_do_is_not_held_broken(site: JiraSide) -> None:
    site.fault("permissions.read", "error", times=2, status=404)
    check = named(jira(of_jira(site)))["jira:PROJ"]
    assert (check.state, "by hand" in check.way_out) == ("warn", True)


@pytest.mark.parametrize(
    ("transitions", "state", "word"),
    [
        ({"fixed": "done", "handed_over": "indeterminate"}, "ok", "handed_over"),
        ({"fixed": "Shipped to the moon"}, "fail", "Shipped to the moon"),
        ({"fixd": "done"}, "fail", "fixd"),
        ({}, "ok", "none"),
    ],
)
def test_targets_of_transitions_must_exist(
    site: JiraSide, transitions: dict[str, str], state: str, word: str
) -> None:
    check = named(jira(of_jira(site, jira_transitions=transitions)))["jira transitions"]
    assert (check.state, word in check.detail) == (state, True)


def test_a_jira_from_which_no_news_come_in_is_found(site: JiraSide) -> None:
    check = named(jira(of_jira(site, jira_webhook_secret=None)))["jira news"]
    assert (check.state, "jira_poll_seconds" in check.way_out) == ("fail", True)


def test_a_search_that_jira_refuses_is_found(site: JiraSide) -> None:
    settings = of_jira(site, jira_poll_seconds=60, jira_jql="this is no (JQL")
    assert named(jira(settings))["jira poll"].state == "fail"
    wide = of_jira(site, jira_poll_seconds=60, jira_projects=[])
    assert named(jira(wide))["jira poll"].state == "warn"


def test_what_does_not_answer_is_found_within_its_time() -> None:
    # Bound and listening, but nobody accepts: connections are made and never answered.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.listen()
        where = f"http://127.0.0.1:{silent.getsockname()[1]}"
        own = Settings(
            slack_base_url=where, slack_bot_token="xoxb-1", slack_signing_secret=SIGNING_SECRET
        )
        check = named(slack(own))["slack"]
        assert (check.state, "slack_base_url" in check.way_out) == ("fail", True)
    nobody = Settings(jira_base_url=where, jira_user="a@b.c", jira_token="token")
    check = named(jira(nobody))["jira"]
    assert (check.state, "jira_base_url" in check.way_out) == ("fail", True)


def test_a_token_that_would_travel_unencrypted_is_found() -> None:
    own = Settings(oncall_url="http://pager.example.net/x", oncall_key="k")
    assert oncall(own).state == "warn"
    assert oncall(Settings(oncall_url="https://pager.example.net/x", oncall_key="k")).state == "ok"
    assert oncall(Settings(oncall_key="k")).state == "warn"
    assert oncall(Settings()).state == "ok"


def test_places_in_systems_that_are_not_used_are_found() -> None:
    settings = Settings(alerts_show_in=["slack:C1", "jira:OPS-1", "nowhere", "irc:ops"])
    assert [check.state for check in places(settings)] == ["fail"] * 4
    assert list(places(Settings())) == []


def test_alerts_without_a_token_are_well_only_on_this_machine() -> None:
    token = "a-token-of-the-tests"
    assert alerts(Settings()).state == "ok"
    assert alerts(Settings(listen="0.0.0.0:8090")).state == "warn"
    assert alerts(Settings(listen="0.0.0.0:8090", alerts_token=token)).state == "ok"
    assert alerts(Settings(listen="[::1]:8090")).state == "ok"


def test_the_command_shows_no_secret(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-canary-1",
        "SLACK_SIGNING_SECRET": "canary-2",
        "JIRA_TOKEN": "canary-3",
        "JIRA_WEBHOOK_SECRET": "canary-4-with-its-length",
        "ALERTS_TOKEN": "canary-5-with-its-length",
        "ONCALL_KEY": "canary-6",
    }
    given = secrets | {
        "SLACK_BASE_URL": workspace.base_url,
        "JIRA_BASE_URL": "http://127.0.0.1:1",
        "JIRA_USER": "app@example.net",
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"MENDWHEEL_{name}", value)
    monkeypatch.chdir(tmp_path)
    assert run(["doctor", "--json"]) == 1
    said = capsys.readouterr()
    names = {check["name"]: check["state"] for check in json.loads(said.out)["checks"]}
    assert (names["slack"], names["jira"], names["on call"]) == ("fail", "fail", "warn")
    assert "canary" not in said.out + said.err
    assert run(["doctor"]) == 1
    assert "canary" not in "".join(capsys.readouterr())
