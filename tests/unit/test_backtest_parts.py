"""What a backtest may know, how it judges, and what its page shows; without a server."""

import asyncio
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mendwheel.backtest.dated import Dated, read_dated
from mendwheel.backtest.gaps import gaps
from mendwheel.backtest.html import as_html
from mendwheel.backtest.judge import Judged, Verdict, judge
from mendwheel.backtest.page import Made, page
from mendwheel.backtest.past import PastComment, PastIssue, in_order
from mendwheel.backtest.replay import Past, Replay, learned_cases
from mendwheel.backtest.rewound import rewound
from mendwheel.backtest.totals import share, totals
from mendwheel.batch.rows import Row
from mendwheel.domain.knowledge import Case, Document
from mendwheel.integrations.jira.issue import Change, Comment, Issue, Person
from mendwheel.knowledge.lines import read_lines
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

START = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
US, ANN, APP = Person(id="us"), Person(id="ann", name="Ann"), Person(id="app", bot=True)


def past(key: str, at: int = 0, *, open_for: int | None = 2, **fields: Any) -> PastIssue:
    """An issue created `at` hours after the start."""
    created = START + at * HOUR
    ended = None if open_for is None else created + open_for * HOUR
    return PastIssue(id=key, created=created, resolved=ended, **fields)


def said(text: str, at: int = 1) -> PastComment:
    return PastComment(text=text, author="Ann", created=START + at * HOUR)


def answered(key: str, text: str, **fields: Any) -> Row:
    return Row(id=key, **{"outcome": "answer", "answer": text, "confidence": 0.8} | fields)


# What is known


def change(at: int, field: str, before: str, after: str, who: Person = ANN) -> Change:
    """One line of a changelog, `at` hours after the start."""
    when = START + at * HOUR
    return Change(id=str(at), at=when, author=who, field=field, before=before, after=after)


def test_later_edits_of_an_issue_are_taken_back() -> None:
    issue = Issue(
        key="PUMP-1",
        id="1",
        project="PUMP",
        summary="Pump trips: valve 7 is worn",
        description="Cause found: the valve.",
        labels=["solved", "pump"],
        components=["valves"],
        category="done",
        resolution="Done",
        created=START,
        updated=START + 9 * HOUR,
        resolved=START + 8 * HOUR,
        changes=[
            change(5, "summary", "Pump trips again", "Pump trips: valve 7 is worn"),
            change(2, "summary", "Pump trips", "Pump trips again"),
            change(3, "description", "Since noon.", "Cause found: the valve."),
            change(4, "labels", "pump", "solved pump"),
            change(6, "Component", "", "valves"),
            change(6, "Component", "motors", ""),
            change(8, "resolution", "", "Done"),
        ],
        comments=[
            Comment(id="1", author=US, text="ours", created=START, updated=START),
            Comment(id="2", author=APP, text="an app's", created=START, updated=START),
            Comment(id="3", author=ANN, text="Valve.", created=START + HOUR, updated=START),
        ],
    )
    found = rewound(issue, US)
    assert (found.title, found.body) == ("Pump trips", "Since noon.")
    assert (found.labels, found.component) == (["pump"], "motors")
    assert [each.text for each in found.comments] == ["Valve."]
    assert (found.resolved_by, found.hours) == ("Ann", 8.0)
    shown = found.known().model_dump_json()
    assert "valve" not in shown.lower()
    assert "Done" not in shown


def changed(*changes: Change, **fields: Any) -> PastIssue:
    issue = Issue(
        key="PUMP-1", id="1", project="PUMP", summary="Pump trips", created=START,
        updated=START + 9 * HOUR, changes=list(changes), **fields,
    )  # fmt: skip
    return rewound(issue, US)


def test_a_component_that_came_back_is_the_one_that_was_there_first() -> None:
    moved = [change(1, "Component", "", "valves"), change(1, "Component", "motors", "")]
    back = [change(2, "Component", "", "motors"), change(2, "Component", "valves", "")]
    assert changed(*moved, *back, components=["motors"]).component == "motors"


def test_an_issue_that_was_opened_again_is_resolved_by_whoever_ended_it_last() -> None:
    bob = Person(id="bob", name="Bob")
    ends = [
        change(1, "resolution", "", "Done"),
        change(2, "resolution", "Done", ""),
        change(3, "resolution", "", "Done", who=bob),
    ]
    assert changed(*ends, resolution="Done").resolved_by == "Bob"


def test_what_was_said_long_after_the_end_is_not_how_it_ended() -> None:
    issue = past("a", comments=[said("Replaced the seal.", 1), said("Thanks all!", 30)])
    assert issue.last_words() == "Replaced the seal."
    assert "seal" in issue.case("default", "batch").resolution


def test_an_end_is_known_only_after_it() -> None:
    issue = past("a", open_for=2)
    assert not issue.ended_before(START + 2 * HOUR)
    assert issue.ended_before(START + 3 * HOUR)


def test_of_a_long_story_the_end_is_remembered() -> None:
    issue = past("a", comments=[said("looked at it " * 2000 + "and replaced the seal")])
    assert issue.case("default", "batch").resolution.endswith("and replaced the seal")


def test_the_newest_issues_are_taken_in_the_order_in_which_they_came() -> None:
    issues = [past("new", 9), past("old", 1), past("middle", 5)]
    assert [each.id for each in in_order(issues, 2)] == ["middle", "new"]


def test_a_line_that_is_no_issue_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    good = {"id": "a", "created": "2025-03-01T09:00:00+01:00", "extra": 1}
    lines = [json.dumps(good), '{"id": "b"}', "no json", json.dumps(good), "[]"]
    lines.append('{"id": "c", "created": "2025-03-01T09:00:00"}')
    path.write_text("\n".join(lines))
    issues, problems = read_lines(path, PastIssue)
    assert [each.id for each in issues] == ["a"]
    assert [each.line for each in problems] == [2, 3, 4, 5, 6]
    assert "created: field required" in str(problems[0])
    assert "timezone" in str(problems[4])


def test_a_row_is_dated_by_what_it_states_and_no_other_row_is_guessed(tmp_path: Path) -> None:
    rows = [
        {"id": "one", "title": "t", "body": "b", "created": "2024-01-01", "updated": "2025-02-02"},
        {"id": "two", "title": "t", "body": "b", "updated": "last week"},
        {"id": "three", "title": "t", "body": "b"},
    ]
    path = tmp_path / "kb.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\nno row\n")
    found = read_dated([path])
    assert [(at.date().isoformat(), each.id) for at, each in found.documents] == [
        ("2025-02-02", "one")
    ]
    assert [each.id for each in found.undated] == ["two", "three"]
    assert [each.line for each in found.problems] == [4]


def test_a_file_of_a_checkout_is_dated_by_its_last_commit(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "deep").mkdir(parents=True)
    (docs / "loose.md").write_text("# Loose\n\nText.")
    os.utime(docs / "loose.md", (1_600_000_000, 1_600_000_000))
    own = ["-c", "user.name=Ann", "-c", "user.email=ann@example.net", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for day in (1_650_000_000, 1_700_000_000):
        (docs / "deep" / "guide.md").write_text(f"# Guide\n\nText of {day}.")
        at = {"GIT_COMMITTER_DATE": f"{day} +0000", "GIT_AUTHOR_DATE": f"{day} +0000"}
        for command in (["add", "docs/deep"], [*own, "commit", "-qm", "Write"]):
            subprocess.run(["git", *command], cwd=tmp_path, env=os.environ | at, check=True)
    found = {each.id: int(known.timestamp()) for known, each in read_dated([docs]).documents}
    assert found == {"deep/guide.md": 1_700_000_000, "loose.md": 1_600_000_000}


class Submitting:
    """Stands for the run: notes what the store knows when an issue is submitted."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.known: dict[str, tuple[list[str], int]] = {}

    async def resolve(self, ticket: Any) -> Row:
        cases = sorted(case.title for case in self._stores.cases.list("default"))
        self.known[ticket.id] = (cases, self._stores.knowledge.count("default"))
        return Row(id=ticket.id, outcome="escalate")


def replayed(settings: Settings, known: Past) -> dict[str, tuple[list[str], int]]:
    with Stores(settings.store_path) as stores:
        replay = Replay(None, stores, settings, known)  # type: ignore[arg-type]
        submitting = Submitting(stores)
        replay._resolver = submitting  # type: ignore[assignment]
        for issue in known.issues.values():
            asyncio.run(replay.resolve(issue.known()))
    return submitting.known


def document(name: str) -> Document:
    return Document(id=name, title=name, body=f"The {name} says what to do.")


def test_an_issue_finds_only_what_was_there_when_it_came_in(settings: Settings) -> None:
    issues = [
        past("a", 0, open_for=0, title="first"),
        past("b", 2, open_for=9, title="second"),
        past("c", 5, title="third"),
    ]
    dates = [(START + 2 * HOUR, document("same-hour")), (START + 4 * HOUR, document("later"))]
    old = Case(
        ticket_id="mendwheel-default-jira-old", title="learned", text="t", open=False,
        opened_at=START, closed_at=START + 3 * HOUR, resolution="r",
    )  # fmt: skip
    known = Past({each.id: each for each in issues}, Dated(dates, [document("undated")]), [old])
    assert replayed(settings, known) == {
        "a": ([], 0),
        "b": (["first"], 0),
        "c": (["first", "learned"], 2),
    }


def test_every_document_is_shown_only_when_asked_for(settings: Settings) -> None:
    dates = [(START + 99 * HOUR, document("later"))]
    known = Past({"a": past("a")}, Dated(dates, [document("undated")]), every_document=True)
    assert replayed(settings, known) == {"a": ([], 2)}


def test_a_case_of_the_issue_itself_is_not_learned_again(settings: Settings) -> None:
    with Stores(settings.store_path) as stores:
        for key in ("pump-1", "pump-11"):
            case = Case(
                ticket_id=f"mendwheel-default-jira-{key}", title=key, text="t", open=False,
                opened_at=START, closed_at=START,
            )  # fmt: skip
            stores.cases.save(case)
        found = learned_cases(stores, "default", {"PUMP-1": past("PUMP-1")})
    assert [each.title for each in found] == ["pump-11"]


# How it is judged


@pytest.mark.parametrize(
    ("words", "answer", "verdict"),
    [
        ("Replaced the worn seal of the valve.", "The seal of the valve is worn.", "agrees"),
        ("Replaced the worn seal of the valve.", "Restart the controller.", "differs"),
        ("The pump trips.", "The pump trips.", "unknown"),
        ("Fixed, thanks!", "Replace the seal.", "unknown"),
        ("", "Replace the seal.", "unknown"),
        ("Did what runbooks/Seals.md says.", "Something else.", "agrees"),
    ],
)
def test_an_answer_is_held_against_words_that_people_added(
    words: str, answer: str, verdict: str
) -> None:
    issue = past("a", title="The pump trips", comments=[said(words)] if words else [])
    row = answered("a", answer, doc_ids=["runbooks/seals.md", "other.md"])
    assert judge(issue, row).verdict == verdict


@pytest.mark.parametrize(("answer", "verdict"), [("seal valve", "agrees"), ("seal", "differs")])
def test_two_words_of_five_are_enough_to_agree(answer: str, verdict: str) -> None:
    issue = past("a", title="Pump", comments=[said("seal valve rotor gasket spring")])
    assert judge(issue, answered("a", answer)).verdict == verdict


def test_nothing_to_do_shares_no_words_with_any_work_and_stays_unknown() -> None:
    issue = past("a", title="Pump", comments=[said("Replaced the worn seal of the valve.")])
    assert judge(issue, answered("a", "All is well.", outcome="no_action")).verdict == "unknown"


def test_a_handover_is_never_right_or_wrong() -> None:
    issue = past("a", title="Pump", comments=[said("Replaced the worn seal of the valve.")])
    row = answered("a", "Replaced the worn seal of the valve.", outcome="escalate")
    assert judge(issue, row).verdict == "handed_over"


def test_pasting_everything_agrees_with_nobody() -> None:
    issue = past("a", title="Pump", comments=[said("Replaced the worn seal of the valve.")])
    row = answered("a", "noise " * 400 + "Replaced the worn seal of the valve.")
    assert judge(issue, row).verdict == "differs"


def judged(key: str, verdict: Verdict, **fields: Any) -> Judged:
    issue = past(key, **{"title": "Pump trips"} | fields)
    return Judged(issue=issue, row=answered(key, "Seal."), verdict=verdict)


def test_the_interval_is_wilsons() -> None:
    found = share(8, 10)
    assert (found.low, found.high) == (0.4902, 0.9433)
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)


def test_hours_are_counted_for_what_agrees_only_and_the_page_says_how() -> None:
    every = [judged("a", Verdict.AGREES), judged("b", Verdict.DIFFERS, open_for=50)]
    assert totals(every).hours_saved == 2.0
    assert "waited" in totals(every).hours_by
    by_work = totals(every, minutes=15)
    assert (by_work.hours_saved, by_work.hours_by[:10]) == (0.2, "15 minutes")


def test_what_is_wrong_is_a_share_of_what_can_be_told() -> None:
    verdicts = (Verdict.AGREES, Verdict.DIFFERS, Verdict.UNKNOWN, Verdict.HANDED_OVER)
    found = totals([judged(each, each) for each in verdicts])
    assert (found.wrong.count, found.wrong.of) == (1, 4)
    assert (found.wrong_of_told.count, found.wrong_of_told.of) == (1, 2)


def test_gaps_are_topics_of_what_was_not_resolved() -> None:
    every = [
        judged("a", Verdict.HANDED_OVER, title="Billing export fails in April"),
        judged("b", Verdict.DIFFERS, title="Where is the billing export?"),
        judged("c", Verdict.HANDED_OVER, title="Login loops"),
        *(judged(f"d{n}", Verdict.AGREES, title="Pump trips") for n in range(5)),
    ]
    [gap] = gaps(every)
    assert set(gap.words) == {"billing", "export"}
    assert (gap.issues, gap.hours) == (["a", "b"], 4.0)


def test_two_issues_that_share_one_word_are_no_topic() -> None:
    titles = ("Login loops", "Login rejects umlauts")
    assert gaps([judged(each, Verdict.HANDED_OVER, title=each) for each in titles]) == []


def test_a_compound_is_one_word_of_a_topic() -> None:
    titles = ("DriveTrain stalls", "DriveTrain is loud", "DriveTrain leaks")
    every = [judged(t, Verdict.HANDED_OVER, title=t) for t in titles]
    assert [gap.words for gap in gaps(every)] == [["drivetrain"]]


# What is shown


def test_other_peoples_markup_is_shown_as_text() -> None:
    hostile = "a | b <script>x()</script> [c](javascript:d) **e**"
    each = judged("a", Verdict.DIFFERS, title=hostile, comments=[said(hostile)])
    each.issue.url = "javascript:alert(1)"
    text = page([each], totals([each]), Made(source="past.jsonl", at=START))
    web = as_html(text, "Backtest")
    assert "<script" not in web
    assert "href" not in web
    assert "a | b" in web, "the cell is whole"
    [row] = [line for line in text.splitlines() if line.startswith("| a |")]
    assert row.replace("\\|", "").count("|") == 9


def test_the_page_says_what_makes_it_look_better_or_worse() -> None:
    each = judged("a", Verdict.AGREES, url="https://jira.example/browse/a")
    seen = page([each], totals([each]), Made(source="s", at=START, every_document=True))
    assert "looks better" in seen
    assert "[a](https://jira.example/browse/a)" in seen
    assert "looks worse" in page([each], totals([each]), Made(source="s", at=START))


def test_secrets_of_an_issue_do_not_reach_the_page() -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    each = judged("a", Verdict.AGREES, title=f"Key {secret}", comments=[said(f"It was {secret}.")])
    each.row.answer = f"Use {secret}."
    assert secret not in page([each], totals([each]), Made(source="s", at=START))
