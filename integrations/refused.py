"""Writes down what an edge itself refuses, or hears refused: no worker knows of it."""

import asyncio

from mendwheel.stores.bundle import Stores

DECISION = "decision refused"
EDIT = "edit refused"
TAKE_OVER = "take-over refused"
STOP = "stop refused"


async def write_down(
    stores: Stores,
    ticket: str,
    what: str,
    *,
    subject: str,
    channel: str,
    reason: str,
    request: str = "",
    decision: str = "",
) -> None:
    """One row of the audit. `reason` is a sentence of ours. Raises StoreUnavailable."""
    detail = {"request": request, "decision": decision, "channel": channel, "reason": reason}
    await asyncio.to_thread(
        stores.audit.append,
        ticket,
        what,
        subject,
        {name: text for name, text in detail.items() if text},
    )
