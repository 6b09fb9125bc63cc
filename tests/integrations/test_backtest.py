"""`mendwheel backtest` on real runs: out of a Jira and out of a file, stopped and gone on with."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mendwheel.backtest.jira import PastIssues
from mendwheel.backtest.past import PastIssue
from mendwheel.backtest.replay import Past
from mendwheel.backtest.run import backtest, folder, waiting
from mendwheel.cli.app import run
from mendwheel.integrations.jira.client import JiraClient
from mendwheel.settings import Settings
from mendwheel.testing import JiraSide
from tests.counterparts import JiraCounterpart
from tests.integrations.served_app import changed

LONG_AGO = "2020-01-01T00:00:00+00:00"
GUIDE = {
    "id": "guides/kettle.md",
    "title": "Descale a kettle",
    "body": "## Descale a kettle\n\nFill the kettle with vinegar, boil it twice and rinse it.",
    "updated": LONG_AGO,
}


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a home, one guide, and answers given whenever there is one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDWHEEL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MENDWHEEL_THRESHOLDS__ANSWER", "0.01")
    written(tmp_path / "kb.jsonl", [GUIDE])
    return tmp_path


@pytest.mark.server
def test_issues_of_a_data_center_are_worked_on_and_nothing_is_written(
    here: Path,
    jira820: JiraCounterpart,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MENDWHEEL_JIRA_BASE_URL", jira820.url)
    monkeypatch.setenv("MENDWHEEL_JIRA_DEPLOYMENT", "datacenter")
    monkeypatch.setenv("MENDWHEEL_JIRA_TOKEN", jira820.token)
    done = jira820.create("How do I descale a kettle?", "The kettle is full of lime.")
    jira820.comment(done, "Fill it with vinegar, boil twice, rinse.", "tomas")
    moves = jira820.call("GET", f"issue/{done}/transitions")["transitions"]
    [close] = [each["id"] for each in moves if each["to"]["name"] == "Done"]
    fields = {"resolution": {"name": "Done"}}
    jira820.call(
        "POST", f"issue/{done}/transitions", {"transition": {"id": close}, "fields": fields}
    )
    still_open = jira820.create("How do I clean a toaster?", "It smells.")
    before = [jira820.issue(done)["fields"], jira820.issue(still_open)["fields"]]

    arguments = ["backtest", "--jql", f"key in ({done}, {still_open})", "--knowledge", "kb.jsonl"]
    assert run([*arguments, "--all-documents", "--minutes", "30", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert "1 issues are not resolved" in err
    assert (found["issues"], found["resolved"]["count"], found["hours_saved"]) == (1, 1, 0.5)
    page = (here / "backtest.md").read_text()
    assert f"({jira820.url}/browse/{done})" in page
    assert "vinegar" in page
    assert f'href="{jira820.url}/browse/{done}"' in (here / "backtest.html").read_text()
    assert [jira820.issue(done)["fields"], jira820.issue(still_open)["fields"]] == before


@pytest.mark.server
def test_a_file_is_worked_on_in_order_and_a_rerun_starts_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {
            "id": "second",
            "title": "How do I descale a kettle?",
            "body": "How do I descale a kettle with a lot of lime?",
            "created": "2025-02-01T10:00:00+00:00",
            "resolved": "2025-02-01T13:00:00+00:00",
            "comments": [{"text": "Fill with vinegar, boil twice, rinse.", "author": "Ann"}],
        },
        {"id": "first", "title": "Does it snow?", "created": "2025-01-01T10:00:00+00:00"},
    ]
    written(here / "past.jsonl", rows)
    arguments = ["backtest", "--tickets", "past.jsonl", "--knowledge", "kb.jsonl"]
    assert run(arguments) == 0
    said = capsys.readouterr()
    assert said.out.startswith("1 of 2 agree with what people wrote")
    assert "3 hours saved" in said.out
    page = (here / "backtest.md").read_text()
    assert page.index("| first |") < page.index("| second |")
    assert run([*arguments, "--out", "again.md"]) == 0
    assert "2 issues have their result already" in capsys.readouterr().err
    again = (here / "again.md").read_text().splitlines()
    assert again[4:] == page.splitlines()[4:]


@pytest.mark.server
def test_what_is_finished_is_kept_when_it_is_stopped(here: Path) -> None:
    settings = Settings.load()
    at = datetime(2025, 1, 1, tzinfo=UTC)
    issues = [
        PastIssue(id=f"i{n}", title=f"Does kettle {n} leak?", created=at + timedelta(hours=n))
        for n in range(3)
    ]
    past = Past({issue.id: issue for issue in issues})
    where = folder(past, [], settings)

    def stop(count: int) -> None:
        raise InterruptedError(count)

    with pytest.raises(InterruptedError):
        asyncio.run(backtest(past, where, settings, stop))
    assert waiting(where, issues) == 2
    counted: list[int] = []
    found = asyncio.run(backtest(past, where, settings, counted.append))
    assert counted == [1, 2]
    assert [each.issue.id for each in found] == ["i0", "i1", "i2"]
    assert all(each.row.run_id for each in found)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["backtest"], "either --jql or --tickets"),
        (["backtest", "--jql", "x", "--tickets", "past.jsonl"], "either --jql or --tickets"),
        (["backtest", "--tickets", "nowhere.jsonl"], "nowhere.jsonl"),
        (["backtest", "--tickets", "empty.jsonl"], "holds no past issue"),
        (["backtest", "--jql", "project = LP"], "MENDWHEEL_JIRA_BASE_URL"),
        (["backtest", "--tickets", "one.jsonl", "--knowledge", "away"], "away"),
    ],
)
def test_what_is_missing_is_named(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    written(here / "empty.jsonl", [])
    written(here / "one.jsonl", [{"id": "a", "created": LONG_AGO}])
    assert run(arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("mendwheel: ")
    assert says in line


# What is read of Jira


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[JiraSide]:
    with JiraSide(request.param) as side:
        yield side


@pytest.fixture
def reading(jira: JiraSide, settings: Settings, tmp_path: Path) -> Iterator[PastIssues]:
    own = changed(
        settings,
        jira_base_url=jira.base_url,
        jira_user=jira.user,
        jira_token=jira.token,
        jira_deployment=jira.deployment,
    )
    client = JiraClient(own)
    yield PastIssues(client, tmp_path / "kept.jsonl", tell=lambda text: None, wait=lambda s: None)
    client.close()


def closed(jira: JiraSide, summary: str) -> str:
    key = jira.add_issue(summary, "As reported.", quiet=True).key
    jira.human_transition(key, "Done", jira.ben, quiet=True)
    return key


def test_only_the_newest_resolved_issues_are_read_and_each_only_once(
    jira: JiraSide, reading: PastIssues
) -> None:
    keys = [closed(jira, f"Issue {number}") for number in range(4)]
    jira.add_issue("Still open", quiet=True)
    first = reading.find("project = PROJ", 2)
    assert sorted(each.id for each in first.issues) == keys[-2:]
    assert first.unresolved == 1
    read = len(jira.calls_of("issue.read"))
    jira.human_comment(keys[-1], "One more thing.", jira.ann, quiet=True)
    again = reading.find("project = PROJ", 2)
    assert len(jira.calls_of("issue.read")) == read + 1, "only what has changed since"
    [changed_one] = [each for each in again.issues if each.id == keys[-1]]
    assert [each.text for each in changed_one.comments] == ["One more thing."]


def test_a_limit_of_jiras_is_waited_out(jira: JiraSide, reading: PastIssues) -> None:
    closed(jira, "Issue")
    jira.fault("issue.read", "rate_limited", times=2, retry_after=7)
    assert len(reading.find("project = PROJ", 5).issues) == 1


def test_an_edit_by_a_person_is_taken_back(jira: JiraSide, reading: PastIssues) -> None:
    key = closed(jira, "Pump trips")
    issue = jira.issue(key)
    with jira.site.lock:
        items = [
            {
                "field": "summary",
                "fieldId": "summary",
                "fromString": "Pump trips",
                "toString": "Valve worn",
            }
        ]
        issue.summary = "Valve worn"
        jira.site.change(issue, jira.ben, items)
    [found] = reading.find("project = PROJ", 5).issues
    assert (found.title, found.url.rsplit("/", 1)[-1]) == ("Pump trips", key)
