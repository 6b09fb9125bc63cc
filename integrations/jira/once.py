"""One caller at a time, and once: for what a ticket would not recognise as a repetition."""

import asyncio
from collections.abc import Awaitable, Callable

from mendwheel.domain.ids import EffectKey, digest
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.effects.perform import LEASE, EffectHeld
from mendwheel.ports import Ledger


async def once(ledger: Ledger, key: EffectKey, act: Callable[[bool], Awaitable[str]]) -> str | None:
    """What `act` came to; None when that was done before.

    `act` is told whether an earlier caller may have got half-way, and says in a word what it did.

    Raises:
        EffectHeld: another caller is at it.
    """
    claim = await asyncio.to_thread(ledger.claim, key, digest(str(key)), LEASE)
    if claim.state is EffectState.DONE:
        return None
    if claim.state is EffectState.HELD:
        raise EffectHeld(key)
    did = await act(claim.detail == "again")
    receipt = Receipt(state=EffectState.DONE, reference=did, detail="written")
    await asyncio.to_thread(ledger.done, key, receipt)
    return did
