"""Write to the outside once: claim, look, write, receipt."""

import time
from collections.abc import Callable
from typing import TypeVar

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.ports import Ledger, PlaceError

DEADLINE = 8.0
"""Seconds one attempt may take in all; shorter than the activity's start-to-close timeout."""

LEASE = DEADLINE + 2.0
"""Seconds in which nobody else writes: a blocked thread cannot be cancelled, only outwaited."""

Result = TypeVar("Result")


class EffectHeld(Exception):
    """An earlier attempt may still be writing. Try again in `retry_after` seconds."""

    def __init__(self, key: EffectKey) -> None:
        super().__init__(f"{key} is being written by an earlier attempt")
        self.retry_after = LEASE / 4


def perform(
    ledger: Ledger,
    key: EffectKey,
    arguments_sha256: str,
    *,
    find: Callable[[], str | None],
    write: Callable[[], str],
    bound: bool = True,
) -> Receipt:
    """The receipt of the one effect under `key`, writing it only when it is not there yet.

    At-least-once plus reconcile: when the answer to a write was lost, the next attempt waits for
    the lease and then finds what was written. What `find` cannot see may be written twice.
    Not `bound`: the key alone says what it is, and a later attempt may word it otherwise.

    Raises:
        EffectHeld: another attempt holds the lease.
        LedgerConflict: the key stands with other arguments.
    """
    claim = ledger.claim(key, arguments_sha256, LEASE, bound=bound)
    if claim.state is EffectState.DONE:
        return claim
    if claim.state is EffectState.HELD:
        raise EffectHeld(key)
    receipt = _carry_out(ledger, key, find if claim.detail == "again" else None, write)
    ledger.done(key, receipt)
    return receipt


def _carry_out(
    ledger: Ledger,
    key: EffectKey,
    find: Callable[[], str | None] | None,
    write: Callable[[], str],
) -> Receipt:
    try:
        reference = find() if find else None
    except PlaceError:
        ledger.release(key)
        raise
    if reference:
        return Receipt(state=EffectState.DONE, reference=reference, detail="found")
    try:
        return Receipt(state=EffectState.DONE, reference=write(), detail="written")
    except PlaceError as error:
        if error.unwritten:
            ledger.release(key)
        raise


def repeat(write: Callable[[], Result]) -> Result:
    """Do what may be done again, such as an edit, but not while it may still be under way.

    Where the answer was lost, the error asks for a pause: an edit that arrives late would otherwise
    land on a newer one, and stay, and a status would be changed twice.
    """
    started = time.monotonic()
    try:
        return write()
    except PlaceError as error:
        if error.under_way:
            left = LEASE - (time.monotonic() - started)
            error.retry_after = max(error.retry_after or 0.0, left)
        raise
