"""What a tenant may spend on models in a minute and in a day, whoever asks and from where."""

from collections.abc import Callable
from datetime import datetime

import sqlite_utils

from mendwheel.domain.budget import Allowance, CallKey
from mendwheel.stores.clock import utc_now
from mendwheel.stores.store import Store

MINUTE = 60.0
_DAY = 86_400.0

_STANDS = "SELECT 1 FROM tenant_tokens WHERE ticket_id = ? AND round = ? AND step = ? AND call = ?"
_SUM = "SELECT coalesce(sum(tokens), 0) FROM tenant_tokens WHERE tenant = ? AND at > ?"
_OLDEST_FIRST = "SELECT at, tokens FROM tenant_tokens WHERE tenant = ? AND at > ? ORDER BY at"
_TAKE = (
    "INSERT INTO tenant_tokens (tenant, ticket_id, round, step, call, at, tokens, settled)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 0)"
)
_SETTLE = (
    "UPDATE tenant_tokens SET settled = 1,"
    " tokens = CASE WHEN settled THEN max(tokens, ?1) ELSE ?1 END"
    " WHERE ticket_id = ?2 AND round = ?3 AND step = ?4 AND call = ?5"
)
# A row counts for a day and is of no use after it.
_FORGET = "DELETE FROM tenant_tokens WHERE tenant = ? AND at <= ?"


class SqliteQuotas:
    """`ports.Quotas` in a `Store`."""

    def __init__(self, store: Store, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._now = now

    def take(
        self, tenant: str, key: CallKey, tokens: int, *, per_minute: int, per_day: int
    ) -> Allowance:
        """Set `tokens` aside; the same key again stands. A limit of 0 is none.

        Raises:
            ValueError: `tokens` is negative.
        """
        _refuse_negative(tokens)
        place = (key.ticket_id, key.round, key.step, key.call)

        def take(db: sqlite_utils.Database) -> Allowance:
            if db.execute(_STANDS, place).fetchone():
                return Allowance(granted=True)
            # Read inside the job: it may have waited for its turn.
            now = self._now().timestamp()
            refused = _day(db, tenant, tokens, per_day, now)
            refused = refused or _minute(db, tenant, tokens, per_minute, now)
            if refused:
                return refused
            db.execute(_FORGET, (tenant, min(_midnight(now), now - MINUTE)))
            db.execute(_TAKE, (tenant, *place, now, tokens))
            return Allowance(granted=True)

        return self._store.write(take)

    def settle(self, key: CallKey, tokens: int) -> None:
        """Put what the call really used in place; a call nothing was set aside for is ignored.

        Raises:
            ValueError: `tokens` is negative.
        """
        _refuse_negative(tokens)
        row = (tokens, key.ticket_id, key.round, key.step, key.call)

        def settle(db: sqlite_utils.Database) -> None:
            db.execute(_SETTLE, row)

        self._store.write(settle)

    def used(self, tenant: str) -> tuple[int, int]:
        """Tokens of the last 60 s and of this UTC day, set aside or settled."""
        now = self._now().timestamp()
        return (
            int(self._store.rows(_SUM, (tenant, now - MINUTE))[0][0]),
            int(self._store.rows(_SUM, (tenant, _midnight(now)))[0][0]),
        )


def _day(
    db: sqlite_utils.Database, tenant: str, tokens: int, limit: int, now: float
) -> Allowance | None:
    if not limit:
        return None
    start = _midnight(now)
    if tokens + int(db.execute(_SUM, (tenant, start)).fetchone()[0]) <= limit:
        return None
    wait = start + _DAY - now if tokens <= limit else None
    return Allowance(granted=False, limit="day", wait=wait)


def _minute(
    db: sqlite_utils.Database, tenant: str, tokens: int, limit: int, now: float
) -> Allowance | None:
    if not limit:
        return None
    rows = db.execute(_OLDEST_FIRST, (tenant, now - MINUTE)).fetchall()
    over = tokens + sum(row[1] for row in rows) - limit
    if over <= 0:
        return None
    for at, freed in rows:
        over -= freed
        if over <= 0:
            return Allowance(granted=False, limit="minute", wait=at + MINUTE - now)
    return Allowance(granted=False, limit="minute", wait=None)


def _midnight(now: float) -> float:
    """Just before the UTC day of `now` began, so that its first moment counts."""
    return now - now % _DAY - 1e-6


def _refuse_negative(tokens: int) -> None:
    if tokens < 0:
        raise ValueError(f"a call cannot use {tokens} tokens: give 0 or more")
