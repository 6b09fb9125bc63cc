"""Tickets that people have labelled, and what the nearest of them say of a new one."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, Field

from mendwheel.domain.ticket import TicketKind

SHARE = 0.5
"""Share of the weight of all votes from which the nearest tickets agree well enough."""
VOTERS = 2
"""One ticket alone is an anecdote."""
_POWER = 1.5
"""A ticket twice as alike counts for nearly three. Fitted with the number of neighbours."""


class Precedent(BaseModel):
    """One labelled ticket and how alike it is to the one at hand."""

    text: str = Field(description="its words; untrusted")
    kind: TicketKind | None = None
    component: str | None = None
    similarity: float = Field(description="0..1")


def likely_kind(nearest: Sequence[Precedent]) -> tuple[TicketKind, float] | None:
    """The kind that most of the labelled weight has, and its share (over 0 to 1)."""
    won = _elect([(each.kind, each.similarity) for each in nearest if each.kind])
    return (TicketKind(won[0]), won[1]) if won else None


def likely_component(
    nearest: Sequence[Precedent], among: Iterable[str] = ()
) -> tuple[str, float] | None:
    """The component that most of the labelled weight names, and its share (over 0 to 1).

    With `among` only these names stand for election.
    """
    allowed = set(among)
    named = [(each.component, each.similarity) for each in nearest if each.component]
    return _elect([vote for vote in named if not allowed or vote[0] in allowed])


def _elect(votes: Sequence[tuple[str, float]]) -> tuple[str, float] | None:
    """The winner and its share, where enough have voted and the share is large enough."""
    if len(votes) < VOTERS:
        return None
    weights: dict[str, float] = {}
    for label, similarity in votes:
        weights[label] = weights.get(label, 0.0) + max(0.0, similarity) ** _POWER
    winner, weight = max(weights.items(), key=lambda item: item[1])
    total = sum(weights.values())
    share = weight / total if total else 0.0
    return (winner, share) if share >= SHARE else None
