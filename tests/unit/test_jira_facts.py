"""What people did to an issue is read out of its history, whatever order and gaps it has."""

from datetime import UTC, datetime, timedelta

import pytest

from mendwheel.domain.outcome import FactKind, Outcome, OutcomeKind, Standing
from mendwheel.integrations.jira.facts import (
    Deed,
    deeds,
    difference,
    edit,
    matters,
    unattributed,
    working,
)
from mendwheel.integrations.jira.issue import Change, Comment, Issue, Person
from mendwheel.integrations.jira.pending import in_order, settled, words

US, MARY, ROBOT = Person(id="us"), Person(id="mary", name="Mary"), Person(id="r", bot=True)
START = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
OPEN, DONE, CLOSED = "1", "5", "6"
CATEGORIES = {OPEN: "new", DONE: "done", CLOSED: "done"}


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def change(minutes: float, field: str, before: str, after: str, **other: object) -> Change:
    said = {"id": f"c{minutes:g}", "author": MARY, "before_id": before, "after_id": after}
    return Change(at=at(minutes), field=field, before=before, after=after, **(said | other))


def issue(*changes: Change, status: str = OPEN, **other: object) -> Issue:
    said = {"category": CATEGORIES.get(status, ""), "status_id": status, "changes": list(changes)}
    return Issue(
        key="LP-7", id="10007", project="LP", created=START, updated=at(99), **(said | other)
    )


def kinds(found: list[Deed]) -> list[FactKind]:
    return [deed.kind for deed in found]


def outcome(kind: OutcomeKind, standing: Standing = Standing.PROVISIONAL) -> Outcome:
    return Outcome(ticket_id="t", round=1, kind=kind, standing=standing, ended_at=at(30))


def test_a_human_who_closes_it_has_resolved_it() -> None:
    closed = issue(change(5, "status", OPEN, DONE), status=DONE)
    [deed] = deeds(closed, US, (), {})
    assert (deed.kind, deed.who, deed.id) == (
        FactKind.RESOLVED_BY_HUMAN,
        "jira:mary",
        "jira-c5-status",
    )


@pytest.mark.parametrize("author", [US, ROBOT, None])
def test_what_we_or_an_app_move_is_no_deed_of_a_person(author: Person | None) -> None:
    closed = issue(change(5, "status", OPEN, DONE, author=author), status=DONE)
    assert deeds(closed, US, (), CATEGORIES) == []


def test_our_fix_that_a_human_reopens_is_reopened() -> None:
    moved = [change(5, "status", OPEN, DONE, author=US), change(50, "status", DONE, OPEN)]
    [deed] = deeds(issue(*moved), US, (), CATEGORIES)
    assert (deed.kind, deed.at) == (FactKind.REOPENED, at(50))


def test_a_resolution_that_is_cleared_tells_where_categories_are_unknown() -> None:
    moved = [
        change(5, "status", OPEN, "9", author=US),
        change(50, "status", "9", OPEN),
        change(50, "resolution", "Done", ""),
    ]
    assert kinds(deeds(issue(*moved), US, (), {})) == [FactKind.REOPENED]


def test_resolved_reopened_and_resolved_again_are_three_deeds_in_any_order() -> None:
    moved = [
        change(1, "status", OPEN, DONE),
        change(2, "status", DONE, OPEN),
        change(3, "status", OPEN, CLOSED),
    ]
    found = deeds(issue(*moved, status=CLOSED), US, (), CATEGORIES)
    resolved, reopened = FactKind.RESOLVED_BY_HUMAN, FactKind.REOPENED
    assert kinds(found) == [resolved, reopened, resolved]
    assert len({deed.id for deed in found}) == 3


def test_from_one_done_status_to_another_is_no_news() -> None:
    moved = [change(1, "status", OPEN, DONE, author=US), change(2, "status", DONE, CLOSED)]
    assert deeds(issue(*moved, status=CLOSED), US, (), CATEGORIES) == []


def test_what_was_there_when_the_ticket_began_is_no_news() -> None:
    old = [change(1, "status", OPEN, DONE), change(2, "status", DONE, OPEN)]
    new = change(3, "assignee", "", "grace")
    found = deeds(issue(*old, new), US, {"c1", "c2"}, CATEGORIES)
    assert kinds(found) == [FactKind.REASSIGNED]


def test_assigning_it_to_us_or_to_nobody_is_no_reassignment() -> None:
    changes = [change(1, "assignee", "grace", "us"), change(2, "assignee", "us", "")]
    assert deeds(issue(*changes), US, (), CATEGORIES) == []


def test_another_resolution_than_we_set_is_a_correction() -> None:
    [deed] = deeds(issue(change(9, "resolution", "Done", "Duplicate")), US, (), CATEGORIES)
    assert (deed.kind, deed.detail) == (FactKind.EDITED, "resolution: Done → Duplicate")


def test_a_close_counts_while_we_work_and_a_new_assignee_once_we_have_answered() -> None:
    [close] = deeds(issue(change(40, "status", OPEN, DONE), status=DONE), US, (), CATEGORIES)
    [assign] = deeds(issue(change(40, "assignee", "", "grace")), US, (), CATEGORIES)
    fixed, handed = outcome(OutcomeKind.FIXED), outcome(OutcomeKind.HANDED_OVER)
    revoked = outcome(OutcomeKind.FIXED, Standing.REVOKED)
    assert [matters(close, each) for each in (None, fixed, handed, revoked)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert [matters(assign, each) for each in (None, fixed, handed, revoked)] == [
        False, True, False, False,
    ]  # fmt: skip
    early = assign.model_copy(update={"at": at(29)})
    assert not matters(early, fixed)
    assert working(None)
    assert working(revoked)
    assert not working(fixed)


def test_without_changes_the_category_of_the_last_look_tells() -> None:
    closed = unattributed(issue(status=DONE), "new")
    assert closed is not None
    assert closed.kind is FactKind.RESOLVED_BY_HUMAN
    again = unattributed(issue(status=OPEN), "done")
    assert again is not None
    assert again.kind is FactKind.REOPENED
    assert unattributed(issue(status=DONE), "done") is None
    assert unattributed(issue(status=OPEN), "") is None
    assert unattributed(issue(change(1, "labels", "", "x"), status=DONE), "new") is None


def comment(text: str, minutes: float = 1, **other: object) -> Comment:
    said = {"id": f"m{minutes:g}", "author": MARY, "text": text, "updated": at(minutes)}
    return Comment(created=at(minutes), **(said | other))


def test_an_edit_of_our_comment_by_somebody_else_is_kept_with_its_difference() -> None:
    ours = comment(
        "Restart *billing*.\nDone.", author=US, editor=MARY, marker="t/1/final/jira:LP-7"
    )
    deed = edit(ours, US, "Restart *checkout*.\nDone.")
    assert deed is not None
    assert (deed.kind, deed.who) == (FactKind.EDITED, "jira:mary")
    assert "-Restart *checkout*." in deed.detail
    assert "+Restart *billing*." in deed.detail
    other = edit(ours.model_copy(update={"text": "No."}), US, None)
    assert other is not None
    assert other.id != deed.id


@pytest.mark.parametrize(
    "other",
    [
        {"author": US, "editor": US, "marker": "k"},
        {"author": US, "editor": None, "marker": "k"},
        {"author": US, "editor": MARY, "marker": ""},
        {"author": MARY, "editor": MARY, "marker": "k"},
    ],
)
def test_our_own_edits_and_other_peoples_comments_are_no_edits(other: dict[str, object]) -> None:
    assert edit(comment("text", **other), US, "before") is None


def test_a_difference_has_no_heading_and_an_end() -> None:
    assert difference("a", "a") == ""
    assert difference("", "b\nc").splitlines()[-2:] == ["+b", "+c"]
    assert len(difference("", "x\n" * 100_000)) <= 4000


def test_words_are_those_of_people_since_the_ticket_began() -> None:
    said = [
        comment("before", 1),
        comment("ours", 2, author=US),
        comment("an app", 3, author=ROBOT),
        comment("news", 4),
        comment("nobody's", 5, author=None),
    ]
    found = words(issue(comments=said), US, {"m1"})
    assert [each.text for each in found] == ["news", "nobody's"]


def test_what_is_said_with_a_humans_fix_starts_nothing_and_after_a_reopen_does() -> None:
    moved = [change(5, "status", OPEN, DONE), change(20, "status", DONE, OPEN)]
    fixed = deeds(issue(moved[0], status=DONE), US, (), CATEGORIES)
    both = deeds(issue(*moved), US, (), CATEGORIES)
    with_it, later = comment("restarted it", 5.1), comment("it is back", 10)
    assert settled(with_it, fixed)
    assert not settled(later, fixed)
    assert not settled(later, both)


def test_what_is_said_while_reopening_belongs_to_the_new_round() -> None:
    moved = [change(5, "status", OPEN, DONE), change(20, "status", DONE, OPEN)]
    both = deeds(issue(*moved), US, (), CATEGORIES)
    back, early = comment("it is back", 19), comment("hello", 2)
    order = [getattr(each, "kind", None) or each.text for each in in_order(both, [back, early])]
    assert order == [FactKind.RESOLVED_BY_HUMAN, FactKind.REOPENED, "hello", "it is back"]
