"""What is new about an issue, in the order in which it makes sense. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from mendwheel.domain.outcome import FactKind
from mendwheel.integrations.jira.drafting import by
from mendwheel.integrations.jira.facts import Deed
from mendwheel.integrations.jira.issue import Comment, Issue, Person

TOGETHER = timedelta(seconds=30)
"""A comment written on the screen of a move is stored a moment before or after it."""


def words(issue: Issue, us: Person, heard: Collection[str]) -> list[Comment]:
    """Comments of people since the ticket began, oldest first: not ours, not an app's."""
    return [
        comment
        for comment in issue.comments
        if comment.id not in heard
        and not by(comment.author, us)
        and not (comment.author and comment.author.bot)
    ]


def settled(comment: Comment, deeds: Iterable[Deed]) -> bool:
    """Whether a human resolved the issue with or after this comment: nothing is left to do on it.

    What is said after a later reopen is news again.
    """
    moves = (FactKind.RESOLVED_BY_HUMAN, FactKind.REOPENED)
    after = [deed for deed in deeds if deed.kind in moves and deed.at + TOGETHER >= comment.created]
    return bool(after) and after[-1].kind is FactKind.RESOLVED_BY_HUMAN


def in_order(deeds: Sequence[Deed], comments: Sequence[Comment]) -> list[Deed | Comment]:
    """By time; what was said while reopening comes after it, for the round that begins then."""
    reopened = [deed.at for deed in deeds if deed.kind is FactKind.REOPENED]

    def when(item: Deed | Comment) -> tuple[datetime, bool, datetime]:
        if isinstance(item, Deed):
            return item.at, False, item.at
        later = [moment for moment in reopened if moment >= item.created]
        return (later[0] if later else item.created), True, item.created

    return sorted([*deeds, *comments], key=when)
