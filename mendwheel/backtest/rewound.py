"""An issue of Jira as it was when it was created: every later edit is taken back. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from mendwheel.backtest.past import PastComment, PastIssue
from mendwheel.integrations.jira.drafting import ANYBODY, by
from mendwheel.integrations.jira.facts import DONE
from mendwheel.integrations.jira.issue import Change, Comment, Issue, Person

_SUMMARY, _DESCRIPTION = ("summary",), ("description",)
_LABELS, _COMPONENTS = ("labels", "Labels"), ("components", "Component")


def rewound(issue: Issue, us: Person) -> PastIssue:
    """What was reported as it was first, and what people did, told apart.

    A site that keeps no changes shows an issue as it is now. Our own comments are not people's.
    """
    changes = sorted(issue.changes, key=lambda change: change.at)
    components = _components(issue.components, changes)
    labels = _first(changes, _LABELS)
    people = [each for each in issue.comments if _is_of_people(each, us)]
    return PastIssue(
        id=issue.key,
        title=_or(_first(changes, _SUMMARY), issue.summary).strip() or issue.key,
        body=_or(_first(changes, _DESCRIPTION), issue.description),
        component=next(iter(components), None),
        labels=issue.labels if labels is None else labels.split(),
        reporter=(issue.reporter or ANYBODY).subject,
        created=issue.created,
        resolved=_resolved(issue),
        resolution=issue.resolution,
        resolved_by=_closed_by(issue, changes),
        comments=[_comment(each) for each in people],
        url=issue.url,
    )


def is_resolved(issue: Issue) -> bool:
    return bool(issue.category == DONE or issue.resolution or issue.resolved)


def _resolved(issue: Issue) -> datetime | None:
    return issue.resolved or (issue.updated if is_resolved(issue) else None)


def _first(changes: Iterable[Change], names: Sequence[str]) -> str | None:
    """The value before the first change of a field; none: it was never changed."""
    return next((change.before for change in changes if change.field in names), None)


def _or(first: str | None, now: str) -> str:
    return now if first is None else first


def _components(now: Sequence[str], changes: Sequence[Change]) -> list[str]:
    """Jira tells of each component that was added or taken away: undone from the last one on."""
    held = list(now)
    for change in reversed([each for each in changes if each.field in _COMPONENTS]):
        if change.after in held:
            held.remove(change.after)
        if change.before:
            held.insert(0, change.before)
    return [name for name in held if name.strip()]


def _closed_by(issue: Issue, changes: Sequence[Change]) -> str:
    """Who set the resolution last, else who it was assigned to."""
    closing = [each for each in changes if each.field == "resolution" and each.after]
    who = (closing[-1].author if closing else None) or issue.assignee
    return who.name or who.id if who else ""


def _is_of_people(comment: Comment, us: Person) -> bool:
    return not by(comment.author, us) and not (comment.author and comment.author.bot)


def _comment(comment: Comment) -> PastComment:
    author = comment.author or ANYBODY
    return PastComment(text=comment.text, author=author.name or author.id, created=comment.created)
