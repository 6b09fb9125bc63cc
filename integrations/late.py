"""Why a decision comes too late, and who was faster."""

import asyncio

from mendwheel.domain.approval import INVOLVED, Decision, Vote, rule
from mendwheel.integrations.reach import DecisionRefused, Reach
from mendwheel.integrations.refused import DECISION, write_down
from mendwheel.stores.bundle import Stores


async def late(
    stores: Stores,
    reach: Reach,
    ticket: str,
    request_id: str | None,
    *,
    subject: str,
    channel: str,
) -> DecisionRefused:
    """The refusal, written down, with who was faster as far as it is known.

    Raises TicketNotFound.
    """
    known = None
    if request_id:
        known = await asyncio.to_thread(stores.questions.find, request_id)
    if known is None:
        await reach.status(ticket)  # names an unknown ticket as such
    by = await asyncio.to_thread(decided_by, stores, request_id) if request_id else ""
    why = f"nothing waits for this decision{by}"
    await write_down(
        *(stores, ticket, DECISION),
        subject=subject,
        channel=channel,
        reason=why,
        request=request_id or "",
    )
    return DecisionRefused(f"nothing waits for this decision on {ticket}{by}")


def decided_by(stores: Stores, request_id: str) -> str:
    """Who has settled the question, as the end of a sentence; empty when nobody has.

    One yes where two are needed has settled nothing: the question may have expired since.
    """
    asked = stores.questions.find(request_id)
    votes = voted(stores.questions.decisions(request_id))
    ruling = rule(asked, votes) if asked else None
    if ruling is None:
        return ""
    have = "have" if len(ruling.by) > 1 else "has"
    return f": {' and '.join(ruling.by)} {have} {ruling.kind.value} it"


def voted(kept: list[tuple[Decision, bool, str]]) -> list[Vote]:
    """The decisions that counted, as the store has them: its reason says what a yes still needs."""
    return [
        Vote(
            decision_id=each.decision_id,
            subject=each.subject,
            approved=each.approved,
            independent=reason != INVOLVED,
        )
        for each, accepted, reason in kept
        if accepted
    ]
