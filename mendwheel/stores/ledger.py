"""Which outside effects were intended and which are done: what keeps a retry from writing twice."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlite_utils

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.ports import LedgerConflict
from mendwheel.stores.clock import utc_now
from mendwheel.stores.leases import Leases
from mendwheel.stores.store import Store

_FIND = (
    "SELECT arguments_sha256, done, lease_until, detail, reference FROM effects"
    " WHERE ticket_id = ? AND round = ? AND step = ? AND target = ?"
)
_INTEND = (
    "INSERT INTO effects (ticket_id, round, step, target, arguments_sha256, lease_until,"
    " done, detail, reference) VALUES (?, ?, ?, ?, ?, ?, 0, '', '')"
)
_RENEW = (
    "UPDATE effects SET lease_until = ?"
    " WHERE ticket_id = ? AND round = ? AND step = ? AND target = ?"
)
_RELEASE = (
    "UPDATE effects SET lease_until = 0"
    " WHERE ticket_id = ? AND round = ? AND step = ? AND target = ? AND NOT done"
)
_WITHDRAW = (
    "DELETE FROM effects WHERE ticket_id = ? AND round = ? AND step = ? AND target = ? AND NOT done"
)
# The first receipt stands: a late attempt that reports again found or made the same effect.
_DONE = (
    "UPDATE effects SET done = 1, detail = CASE WHEN done THEN detail ELSE ? END,"
    " reference = CASE WHEN done THEN reference ELSE ? END"
    " WHERE ticket_id = ? AND round = ? AND step = ? AND target = ?"
)
_ENTRIES = (
    "SELECT round, step, target, done, lease_until, detail, reference FROM effects"
    " WHERE ticket_id = ? ORDER BY rowid"
)


class SqliteLedger:
    """`ports.Ledger` in a `Store`. Durable: an effect may follow the moment a claim returns.

    `elapsed` counts seconds and never jumps; `now` may differ from the clocks of other workers.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime] = utc_now,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._now = now
        self._leases = Leases(elapsed)

    def claim(
        self, key: EffectKey, arguments_sha256: str, lease_seconds: float, *, bound: bool = True
    ) -> Receipt:
        """See `ports.Ledger.claim`; of a HELD receipt, `detail` is when the lease ends (ISO)."""
        place = _parts(key)

        def take(db: sqlite_utils.Database) -> Receipt:
            # Read now, not before: the claim may have waited for other writers.
            now = self._now().timestamp()
            until = now + lease_seconds
            row = db.execute(_FIND, place).fetchone()
            if row is None:
                db.execute(_INTEND, (*place, arguments_sha256, until))
                self._leases.over(place, until, lease_seconds, now)
                return Receipt(state=EffectState.FRESH)
            if bound and row[0] != arguments_sha256:
                raise LedgerConflict(
                    f"effect {key} is recorded with arguments {row[0][:12]}, "
                    f"not {arguments_sha256[:12]}: use a new round or step for new arguments"
                )
            over = self._leases.over(place, row[2], lease_seconds, now)
            receipt = _receipt(row[1:], over)
            if receipt.state is EffectState.FRESH:
                db.execute(_RENEW, (until, *place))
                self._leases.over(place, until, lease_seconds, now)
            return receipt

        return self._store.write(take, durable=True)

    def release(self, key: EffectKey) -> None:
        """The next claim is FRESH at once, and looks first. A done effect stays done."""

        def let_go(db: sqlite_utils.Database) -> None:
            db.execute(_RELEASE, _parts(key))

        self._store.write(let_go, durable=True)

    def withdraw(self, key: EffectKey) -> None:
        """As if it had never been claimed: the target said itself that nothing was done."""

        def undo(db: sqlite_utils.Database) -> None:
            db.execute(_WITHDRAW, _parts(key))

        self._store.write(undo, durable=True)

    def done(self, key: EffectKey, receipt: Receipt) -> None:
        """Record the effect as done; a second receipt for it changes nothing.

        Raises:
            LookupError: the effect was never claimed.
        """
        place = _parts(key)

        def finish(db: sqlite_utils.Database) -> int:
            return db.execute(_DONE, (receipt.detail, receipt.reference, *place)).rowcount

        if not self._store.write(finish, durable=True):
            raise LookupError(f"effect {key} was never claimed: call claim() before writing")

    def entries(self, ticket_id: str) -> list[tuple[EffectKey, Receipt]]:
        """Effects in the order they were intended, each as it stands by this machine's clock."""
        now = self._now().timestamp()
        return [
            (
                EffectKey(ticket_id=ticket_id, round=round, step=step, target=target),
                _receipt(standing, standing[1] <= now),
            )
            for round, step, target, *standing in self._store.rows(_ENTRIES, (ticket_id,))
        ]


def _parts(key: EffectKey) -> tuple[str, int, str, str]:
    return key.ticket_id, key.round, key.step, key.target


def _receipt(standing: Any, over: bool) -> Receipt:
    done, lease_until, detail, reference = standing
    if done:
        return Receipt(state=EffectState.DONE, detail=detail, reference=reference)
    if not over:
        ends = datetime.fromtimestamp(lease_until, UTC).isoformat(timespec="seconds")
        return Receipt(state=EffectState.HELD, detail=ends)
    return Receipt(state=EffectState.FRESH, detail="again")
