"""What a ticket may still spend on models, safe against many calls that ask at once."""

import sqlite_utils

from mendwheel.domain.budget import CallKey, Reservation
from mendwheel.stores.store import Store

_STANDING = (
    "SELECT tokens, settled FROM reservations"
    " WHERE ticket_id = ? AND round = ? AND step = ? AND call = ?"
)
_SPENT = "SELECT coalesce(sum(tokens), 0) FROM reservations WHERE ticket_id = ?"
_RESERVE = (
    "INSERT INTO reservations (ticket_id, round, step, call, tokens, settled)"
    " VALUES (?, ?, ?, ?, ?, 0)"
)
# Settled twice, the higher count stands: a budget may err towards spent, never towards free.
_SETTLE = (
    "UPDATE reservations SET settled = 1,"
    " tokens = CASE WHEN settled THEN max(tokens, ?1) ELSE ?1 END"
    " WHERE ticket_id = ?2 AND round = ?3 AND step = ?4 AND call = ?5"
)


class SqliteBudgets:
    """`ports.Budgets` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reserve(self, key: CallKey, tokens: int, limit: int) -> Reservation:
        """Set `tokens` aside out of the ticket's `limit`; refused ones reserve 0 tokens.

        Raises:
            ValueError: `tokens` is negative.
        """
        _refuse_negative(tokens)
        place = _parts(key)

        def take(db: sqlite_utils.Database) -> Reservation:
            left = limit - int(db.execute(_SPENT, (key.ticket_id,)).fetchone()[0])
            standing = db.execute(_STANDING, place).fetchone()
            if standing is not None:
                tokens_then, settled = standing
                return Reservation(
                    granted=True,
                    tokens=tokens_then,
                    left=max(left, 0),
                    standing=True,
                    settled=bool(settled),
                )
            if tokens > left:
                return Reservation(granted=False, tokens=0, left=max(left, 0))
            db.execute(_RESERVE, (*place, tokens))
            return Reservation(granted=True, tokens=tokens, left=left - tokens)

        return self._store.write(take)

    def settle(self, key: CallKey, tokens: int) -> None:
        """Put what the call really used, more or less, in place of what was reserved.

        Raises:
            LookupError: nothing was reserved under `key`.
            ValueError: `tokens` is negative.
        """
        _refuse_negative(tokens)
        row = (tokens, *_parts(key))

        def settle(db: sqlite_utils.Database) -> int:
            return db.execute(_SETTLE, row).rowcount

        if not self._store.write(settle):
            raise LookupError(f"nothing is reserved for call {key}: call reserve() first")

    def spent(self, ticket_id: str) -> int:
        """Tokens that stand against the ticket, reserved or settled."""
        return int(self._store.rows(_SPENT, (ticket_id,))[0][0])


def _parts(key: CallKey) -> tuple[str, int, str, int]:
    return key.ticket_id, key.round, key.step, key.call


def _refuse_negative(tokens: int) -> None:
    if tokens < 0:
        raise ValueError(f"a call cannot use {tokens} tokens: give 0 or more")
