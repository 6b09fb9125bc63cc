"""Resolved issues become cases: all of them, once, whatever stops the way there."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.cli import backfill as command
from mendwheel.cli.app import run
from mendwheel.domain.ids import ticket_id
from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import Ticket
from mendwheel.integrations.jira.backfill import RESOLUTION, Backfill, Progress
from mendwheel.integrations.jira.client import JiraClient
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.testing import JiraIssue, JiraSide
from tests.integrations.served_app import changed

JQL = "project = PROJ AND statusCategory = Done ORDER BY created ASC"


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[JiraSide]:
    with JiraSide(request.param) as side:
        yield side


@pytest.fixture
def settings(settings: Settings, jira: JiraSide) -> Settings:
    return changed(
        settings,
        jira_base_url=jira.base_url,
        jira_user=jira.user,
        jira_token=jira.token,
        jira_deployment=jira.deployment,
    )


class Desk:
    """A store, and the backfill into it; what it says and how long it waits is kept."""

    def __init__(self, settings: Settings, stores: Stores, client: JiraClient) -> None:
        self.settings = settings
        self.stores = stores
        self.client = client
        self.told: list[str] = []
        self.waited: list[float] = []

    def learn(self, jql: str = JQL, **how: int | bool) -> Progress:
        backfill = Backfill(
            self.client,
            self.stores,
            self.settings,
            tell=self.told.append,
            wait=self.waited.append,
        )
        return backfill.run(jql, **how)  # type: ignore[arg-type]

    def case(self, issue: JiraIssue) -> Case:
        found = self.stores.cases.get(ticket_id(self.settings.tenant, "jira", issue.key))
        assert found is not None
        return found

    def titles(self) -> list[str]:
        return sorted(case.title for case in self.stores.cases.list(self.settings.tenant))


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    client = JiraClient(settings)
    with Stores(settings.store_path) as stores:
        yield Desk(settings, stores, client)
    client.close()


def resolved(jira: JiraSide, summary: str, *comments: str, text: str | None = None) -> JiraIssue:
    issue = jira.add_issue(summary, text, quiet=True)
    for each in comments:
        jira.human_comment(issue.key, each, jira.ben, quiet=True)
    jira.human_transition(issue.key, "Done", jira.ben, quiet=True)
    return issue


def test_what_was_reported_and_done_is_learned_without_secrets(jira: JiraSide, desk: Desk) -> None:
    issue = resolved(
        jira,
        "Exports answer 410",
        "Looking.",
        "The key was AKIAIOSFODNN7EXAMPLE, I took it out.",
        "Raised the lifetime of links.",
        text="Since noon, says mary@example.net.",
    )
    jira.human_comment(issue.key, "mendwheel: nothing", jira.site.bot, quiet=True)
    done = desk.learn()
    assert (done.learned, done.complete, done.resumed) == (1, True, False)
    case = desk.case(issue)
    assert (case.title, case.open, case.outcome) == (
        "Exports answer 410",
        False,
        OutcomeKind.RESOLVED_BY_HUMAN,
    )
    assert case.reporter == f"jira:{jira.ann.id}"
    assert "Since noon" in case.text
    assert case.resolution.endswith("Raised the lifetime of links.")
    assert "nothing" not in case.resolution, "our own words teach us nothing"
    kept = case.model_dump_json()
    assert "mary@example.net" not in kept
    assert "AKIAIOSFODNN7EXAMPLE" not in kept


def test_a_long_story_keeps_its_end(jira: JiraSide, desk: Desk) -> None:
    issue = resolved(jira, "Long", "x" * 3000, "y" * 1500, "In the end it was the disk.")
    desk.learn()
    case = desk.case(issue)
    assert len(case.resolution) <= RESOLUTION
    assert case.resolution.endswith("In the end it was the disk.")


def test_learning_again_changes_nothing(jira: JiraSide, desk: Desk) -> None:
    for number in range(3):
        resolved(jira, f"issue {number}")
    assert [desk.learn().learned for _ in range(2)] == [3, 3]
    assert desk.titles() == ["issue 0", "issue 1", "issue 2"]


def test_a_limit_is_exact_and_the_next_call_goes_on(jira: JiraSide, desk: Desk) -> None:
    for number in range(5):
        resolved(jira, f"issue {number}")
    first, second, third = desk.learn(limit=2), desk.learn(limit=2), desk.learn(limit=2)
    assert [each.learned for each in (first, second, third)] == [2, 2, 1]
    assert [each.resumed for each in (first, second, third)] == [False, True, True]
    assert [each.complete for each in (first, second, third)] == [False, False, True]
    assert len(desk.titles()) == 5


def test_what_is_not_resolved_and_what_is_ours_is_left_out(jira: JiraSide, desk: Desk) -> None:
    jira.add_issue("open", quiet=True)
    ours = resolved(jira, "ours")
    name = ticket_id(desk.settings.tenant, "jira", ours.key)
    artifact = desk.stores.artifacts.put("default", "{}")
    head = Ticket(
        id=name, system="jira", key=ours.key, title="ours", reporter="mary", report=artifact,
        opened_at=ours.created, delivery_id="d",
    )  # fmt: skip
    known = Case(ticket_id=name, title="ours", text="known", opened_at=ours.created, head=head)
    desk.stores.cases.save(known)
    done = desk.learn("project = PROJ ORDER BY created ASC")
    assert (done.learned, done.unresolved, done.ours) == (0, 1, 1)
    assert desk.case(ours) == known


def test_a_dry_run_keeps_nothing_and_no_place(jira: JiraSide, desk: Desk) -> None:
    for number in range(3):
        resolved(jira, f"issue {number}")
    dry = desk.learn(dry_run=True, limit=2)
    assert (dry.learned, desk.titles()) == (2, [])
    assert not desk.learn(limit=1).resumed


def test_a_limit_of_jiras_is_waited_out_as_long_as_it_says(jira: JiraSide, desk: Desk) -> None:
    resolved(jira, "one")
    jira.fault("*", "rate_limited", times=2, retry_after=7)
    assert desk.learn().learned == 1
    assert desk.waited == [7, 7]
    assert any("again in 7 s" in text for text in desk.told)


def test_a_refusal_is_raised_and_not_waited_for(jira: JiraSide, desk: Desk) -> None:
    client = JiraClient(changed(desk.settings, jira_token="another-token"))
    desk.client = client
    with pytest.raises(PlaceError) as refused:
        desk.learn()
    client.close()
    assert refused.value.kind == "401"
    assert desk.waited == []


# The command


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDWHEEL_HOME", str(settings.home))
    monkeypatch.setenv("MENDWHEEL_JIRA_BASE_URL", settings.jira_base_url or "")
    monkeypatch.setenv("MENDWHEEL_JIRA_DEPLOYMENT", settings.jira_deployment)
    monkeypatch.setenv("MENDWHEEL_JIRA_USER", settings.jira_user or "")
    assert settings.jira_token is not None
    monkeypatch.setenv("MENDWHEEL_JIRA_TOKEN", settings.jira_token.get_secret_value())
    return settings.home


def test_the_command_says_how_it_goes_and_what_came_of_it(
    home: Path, jira: JiraSide, capsys: pytest.CaptureFixture[str]
) -> None:
    resolved(jira, "one")
    assert run(["learn", "--jql", JQL]) == 0
    out, err = capsys.readouterr()
    assert out == "1 issues learned, left out: 0 not resolved, 0 tickets of ours\n"
    assert "1 issues, the last one PROJ-1" in err
    assert run(["learn", "--jql", JQL, "--json", "--limit", "5"]) == 0
    assert json.loads(capsys.readouterr().out)["learned"] == 1


def test_ctrl_c_keeps_what_is_there_and_says_so(
    home: Path,
    jira: JiraSide,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(3):
        resolved(jira, f"issue {number}")

    class Impatient(JiraClient):
        asked = 0

        def comments(self, key):  # type: ignore[no-untyped-def]
            self.asked += 1
            if self.asked == 3:
                raise KeyboardInterrupt
            return super().comments(key)

    monkeypatch.setattr(command, "_client", Impatient)
    assert run(["learn", "--jql", JQL]) == 130
    assert "stopped: 2 issues are kept" in capsys.readouterr().err
    with Stores(settings.store_path) as stores:
        assert len(stores.cases.list("default")) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["learn"], "nothing to learn"),
        (["learn", "docs", "--jql", JQL], "documents with a command of their own"),
        (["learn", "--jql", JQL], "MENDWHEEL_JIRA_BASE_URL"),
    ],
)
def test_what_is_missing_is_named(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_refusal_is_one_line_with_the_way_out(
    home: Path,
    jira: JiraSide,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MENDWHEEL_JIRA_TOKEN", f"wrong-{os.urandom(4).hex()}")
    assert run(["learn", "--jql", JQL]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("mendwheel: Jira refused")
    assert "jira_token" in line
