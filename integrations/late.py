"""Why a decision comes too late, and who was faster."""

import asyncio

from mendwheel.integrations.reach import DecisionRefused, Reach
from mendwheel.stores.bundle import Stores


async def late(stores: Stores, reach: Reach, ticket: str, request_id: str | None) -> DecisionRefused:
    """The refusal, with who was faster as far as it is known. Raises TicketNotFound."""
    known = None
    if request_id:
        known = await asyncio.to_thread(stores.questions.find, request_id)
    if known is None:
        await reach.status(ticket)  # names an unknown ticket as such
    by = await asyncio.to_thread(decided_by, stores, request_id) if request_id else ""
    return DecisionRefused(f"nothing waits for this decision on {ticket}{by}")


def decided_by(stores: Stores, request_id: str) -> str:
    """Who has settled the question, as the end of a sentence; empty when nobody has."""
    for decision, accepted, _ in reversed(stores.questions.decisions(request_id)):
        if accepted:
            said = "approved" if decision.approved else "rejected"
            return f": {decision.subject} has {said} it"
    return ""
