"""Who did what, in a chain where each row holds the hash of the one before.

The chain shows edits, insertions and cuts made by hand. It cannot show that somebody with the
file rewrote all of it: for that, note the last hash somewhere else.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlite_utils

from mendwheel.stores.clock import utc_now
from mendwheel.stores.store import Store

_LAST = "SELECT seq, sha256 FROM audit ORDER BY seq DESC LIMIT 1"
_APPEND = "INSERT INTO audit (seq, ticket_id, body, sha256) VALUES (?, ?, ?, ?)"
_READ = "SELECT body FROM audit WHERE ticket_id = ? ORDER BY seq"
_PAGE = "SELECT seq, ticket_id, body, sha256 FROM audit WHERE seq > ? ORDER BY seq LIMIT 1000"
# A row that was changed by hand is for `check` to name: it must not keep others from being written.
_ONCE = (
    "SELECT seq FROM audit WHERE ticket_id = ?"
    " AND CASE WHEN json_valid(body) THEN body ->> '$.once' END = ?"
)
_HIGHEST = "SELECT seq FROM sqlite_sequence WHERE name = 'audit'"

_PLACE = "SELECT seq FROM audit WHERE sha256 = ?"

_GAP = re.compile(r"\s")
_LONGEST = 300
"""Characters of an id: an effect's key has a ticket's, a step and a target."""
_OUR_WORDS = frozenset({"rule", "reason"})

_START = (0, "0" * 64)


class SqliteAudit:
    """`ports.Audit` in a `Store`."""

    def __init__(self, store: Store, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._now = now

    def append(
        self, ticket_id: str, action: str, actor: str, detail: dict[str, str], *, once: str = ""
    ) -> int:
        """Add a row and return its number, from 1; see `ports.Audit.append`."""
        mark = _sha256(_canonical([once, action, actor, detail])) if once else ""

        def add(db: sqlite_utils.Database) -> int:
            there = db.execute(_ONCE, (ticket_id, mark)).fetchone() if mark else None
            return int(there[0]) if there else self.add(db, ticket_id, action, actor, detail, mark)

        return self._store.write(add, durable=True)

    def add(
        self,
        db: sqlite_utils.Database,
        ticket_id: str,
        action: str,
        actor: str,
        detail: dict[str, str],
        once: str = "",
    ) -> int:
        """`append` inside a write job, so that a deed and its row are there together or not."""
        last, previous = db.execute(_LAST).fetchone() or _START
        entry: dict[str, Any] = {
            "ticket_id": ticket_id,
            "action": action,
            "actor": actor,
            "detail": {name: _told(name, value) for name, value in detail.items()},
            # The time is read here, so that times never run against row numbers.
            "at": self._now().isoformat(),
            "seq": last + 1,
            "previous": previous,
            **({"once": once} if once else {}),
        }
        body = _canonical(entry)
        db.execute(_APPEND, (last + 1, ticket_id, body, _sha256(body)))
        return int(last) + 1

    def read(self, ticket_id: str) -> list[dict[str, str]]:
        """A ticket's rows: the detail, and over it seq, at, ticket_id, action and actor."""
        return [_flat(json.loads(body)) for (body,) in self._store.rows(_READ, (ticket_id,))]

    def verify(self) -> int:
        """Number of rows, all of which hold. Raises ValueError, as `check` does."""
        return self.check()[0]

    def check(self) -> tuple[int, str]:
        """Number of rows, all of which hold, and the hash of the last one.

        Raises:
            ValueError: names the first row that was changed, moved, added or removed by hand.
        """
        # Read before the rows: others may append while this runs.
        highest = next((int(seq) for (seq,) in self._store.rows(_HIGHEST)), 0)
        count, previous = _START
        for seq, ticket_id, body, sha256 in self._all():
            count += 1
            if seq != count:
                raise ValueError(f"audit row {count} is missing: the next one is {seq}")
            if not _holds((seq, ticket_id, previous), body, sha256):
                raise ValueError(f"audit row {seq} does not hold: it was changed by hand")
            previous = sha256
        if count < highest:
            raise ValueError(f"audit row {count + 1} is missing: rows up to {highest} were written")
        return count, previous

    def place_of(self, sha256: str) -> int | None:
        """Number of the row with this hash. A chain that holds has not changed up to there."""
        return next((int(seq) for (seq,) in self._store.rows(_PLACE, (sha256,))), None)

    def _all(self) -> Iterator[tuple[Any, ...]]:
        seq = 0
        while page := self._store.rows(_PAGE, (seq,)):
            yield from page
            seq = page[-1][0]


def _told(name: str, value: str) -> str:
    """Ids and digests as they are. Anything else may be somebody's words: only its digest stays,
    since a row outlives the ticket. What rules are called stands in a file, not in a ticket, and
    why something was refused is said by code.
    """
    if len(value) <= _LONGEST and (name in _OUR_WORDS or not _GAP.search(value)):
        return value
    return f"sha256:{_sha256(value)}"


def _holds(place: tuple[int, str, str], body: str, sha256: str) -> bool:
    if _sha256(body) != sha256:
        return False
    try:
        entry = json.loads(body)
        return (entry["seq"], entry["ticket_id"], entry["previous"]) == place
    except (ValueError, LookupError, TypeError):  # no row of ours, though its hash is right
        return False


def _canonical(entry: Any) -> str:
    # ASCII: any name a person may have fits, and the hash needs no agreement on an encoding.
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _sha256(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _flat(entry: dict[str, Any]) -> dict[str, str]:
    # The detail comes first: it can never pass for the actor or the action.
    own = {name: str(entry[name]) for name in ("seq", "at", "ticket_id", "action", "actor")}
    return {**entry["detail"], **own}
