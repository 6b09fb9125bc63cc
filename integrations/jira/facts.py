"""What people did to an issue that a ticket of ours is about: moves, assignments, edits. Pure.

The whole history is gone through each time, and every deed has an id of Jira's: what came out of
order, twice, or not at all comes out the same.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from mendwheel.domain.ids import digest
from mendwheel.domain.outcome import FactKind, Outcome, OutcomeKind, Standing
from mendwheel.integrations.jira.issue import Change, Comment, Issue, Person

DONE = "done"

LEFT_TO_PEOPLE = (
    OutcomeKind.HANDED_OVER,
    OutcomeKind.ASKED_BACK,
    OutcomeKind.PROPOSED,
    OutcomeKind.RUNBOOK,
    OutcomeKind.FAILED,
    OutcomeKind.CANCELLED,
    OutcomeKind.RESOLVED_BY_HUMAN,
)
"""How a round ends that a human goes on after: giving it to somebody is what was asked for."""

_SHOWN = 4000


class Deed(BaseModel):
    """One thing that a person did."""

    id: str = Field(description="the same whenever the issue is read again")
    kind: FactKind
    who: str
    at: datetime
    detail: str = Field("", description="what was changed; text of other people")


def deeds(
    issue: Issue, us: Person, heard: Collection[str], categories: Mapping[str, str]
) -> list[Deed]:
    """Moves, assignments and corrected resolutions, oldest first.

    Args:
        us: our own account; what it or an app did is no deed of a person.
        heard: ids of the changes from before the ticket began. The issue was open then.
        categories: status id → category, as far as it is known.
    """
    later = [change for change in issue.changes if change.id not in heard]
    found = [*_moves(issue, later, us, categories), *_assignments(later, us)]
    return sorted([*found, *_corrections(later, us)], key=lambda deed: deed.at)


def unattributed(issue: Issue, seen: str) -> Deed | None:
    """A move between two looks at an issue of a site that keeps no changes.

    `seen`: category at the last look; the issue was open when the ticket began.
    """
    if issue.changes or not issue.category or (seen == DONE) == (issue.category == DONE):
        return None
    kind = FactKind.REOPENED if seen == DONE else FactKind.RESOLVED_BY_HUMAN
    return Deed(
        id=f"jira-{issue.id}-{issue.updated.isoformat()}-status",
        kind=kind,
        who="jira:unknown",
        at=issue.updated,
        detail=f"status: {issue.status or 'unknown'}",
    )


def working(outcome: Outcome | None) -> bool:
    """Whether a round is under way: none has ended yet, or the last one did not hold."""
    return outcome is None or outcome.standing is Standing.REVOKED


def matters(deed: Deed, outcome: Outcome | None) -> bool:
    """Whether `deed` says something about the ticket, given its last outcome.

    A human's own fix counts while we work: closing an issue that was answered or handed over is
    what people are meant to do. A new assignee counts once we have said that it is resolved.
    """
    if deed.kind is FactKind.RESOLVED_BY_HUMAN:
        return working(outcome)
    if deed.kind is FactKind.REASSIGNED:
        if outcome is None or working(outcome) or outcome.kind in LEFT_TO_PEOPLE:
            return False
        return outcome.ended_at is None or deed.at >= outcome.ended_at
    return True


def edit(comment: Comment, us: Person, before: str | None) -> Deed | None:
    """What somebody else made of a comment of ours. `before`: what it said, where known."""
    ours = comment.marker and comment.author is not None and comment.author.id == us.id
    if not ours or comment.editor is None or comment.editor.id == us.id:
        return None
    return Deed(
        id=f"jira-comment-{comment.id}-{digest(comment.text)[:12]}",
        kind=FactKind.EDITED,
        who=comment.editor.subject,
        at=comment.updated,
        detail=difference(before or "", comment.text),
    )


def difference(before: str, after: str) -> str:
    """Lines taken away and added, as a unified diff without a heading."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[2:])[:_SHOWN]


def _moves(
    issue: Issue, changes: list[Change], us: Person, categories: Mapping[str, str]
) -> Iterator[Deed]:
    """Into and out of `done`."""
    known = {**_told_by_resolutions(changes), **categories}
    if issue.status_id and issue.category:
        known[issue.status_id] = issue.category
    done = False
    for change in changes:
        if change.field != "status":
            continue
        was, done = done, known.get(change.after_id) == DONE
        left = was or known.get(change.before_id) == DONE
        if done and not left:
            yield from _of_a_person(change, us, FactKind.RESOLVED_BY_HUMAN)
        elif left and not done:
            yield from _of_a_person(change, us, FactKind.REOPENED)


def _told_by_resolutions(changes: list[Change]) -> dict[str, str]:
    """A move that sets a resolution goes into `done`, one that clears it comes out of it."""
    cleared = {each.id: not each.after for each in changes if each.field == "resolution"}
    told: dict[str, str] = {}
    for change in changes:
        if change.field == "status" and change.id in cleared:
            told[change.before_id if cleared[change.id] else change.after_id] = DONE
    return told


def _assignments(changes: list[Change], us: Person) -> Iterator[Deed]:
    for change in changes:
        if change.field == "assignee" and change.after_id and change.after_id != us.id:
            yield from _of_a_person(change, us, FactKind.REASSIGNED)


def _corrections(changes: list[Change], us: Person) -> Iterator[Deed]:
    """Another resolution than was set: somebody corrects how it ended."""
    for change in changes:
        if change.field == "resolution" and change.before and change.after:
            yield from _of_a_person(change, us, FactKind.EDITED)


def _of_a_person(change: Change, us: Person, kind: FactKind) -> Iterator[Deed]:
    who = change.author
    if who is None or who.bot or who.id == us.id:
        return
    yield Deed(
        id=f"jira-{change.id}-{change.field}",
        kind=kind,
        who=who.subject,
        at=change.at,
        detail=f"{change.field}: {change.before or 'none'} → {change.after or 'none'}",
    )
