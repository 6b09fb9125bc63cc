"""The dead letters: effects that were given up, until they are done after all or discarded."""

from typing import Any

import sqlite_utils

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.letter import DeadLetter, LetterStanding
from mendwheel.stores.store import Store

_ADD = (
    "INSERT OR REPLACE INTO dead_letters (ticket_id, round, step, target, kind, reason, at,"
    " tenant, sha256, size, unknown, standing, ended_by, note)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_GET = (
    "SELECT ticket_id, round, step, target, kind, reason, at, tenant, sha256, size, unknown,"
    " standing, ended_by, note FROM dead_letters"
    " WHERE ticket_id = ? AND round = ? AND step = ? AND target = ?"
)
_END = (
    "UPDATE dead_letters SET standing = ?, ended_by = ?, note = ? WHERE ticket_id = ?"
    " AND round = ? AND step = ? AND target = ? AND standing = 'open'"
)
_LIST = (
    "SELECT ticket_id, round, step, target, kind, reason, at, tenant, sha256, size, unknown,"
    " standing, ended_by, note FROM dead_letters"
    " WHERE ? OR standing = 'open' ORDER BY at, rowid LIMIT ?"
)
_COUNT = "SELECT count(*) FROM dead_letters WHERE standing = 'open'"


class SqliteLetters:
    """`ports.Letters` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, letter: DeadLetter) -> None:
        """Durable: whoever gave it up goes on the moment this returns."""
        row = _row(letter)

        def put(db: sqlite_utils.Database) -> None:
            db.execute(_ADD, row)

        self._store.write(put, durable=True)

    def get(self, key: EffectKey) -> DeadLetter | None:
        rows = self._store.rows(_GET, _parts(key))
        return _read(rows[0]) if rows else None

    def end(self, key: EffectKey, standing: LetterStanding, by: str, note: str = "") -> bool:
        """Nothing is written where nothing is open: most effects never were a dead letter."""
        known = self.get(key)
        if known is None or known.standing is not LetterStanding.OPEN:
            return False

        def close(db: sqlite_utils.Database) -> int:
            return db.execute(_END, (standing.value, by, note, *_parts(key))).rowcount

        return bool(self._store.write(close, durable=True))

    def list(self, *, every: bool = False, limit: int = 1000) -> list[DeadLetter]:
        return [_read(row) for row in self._store.rows(_LIST, (int(every), limit))]

    def count(self) -> int:
        [(count,)] = self._store.rows(_COUNT)
        return int(count)


def _parts(key: EffectKey) -> tuple[str, int, str, str]:
    return key.ticket_id, key.round, key.step, key.target


def _row(letter: DeadLetter) -> tuple[Any, ...]:
    ref = letter.request
    kept = (ref.tenant, ref.sha256, ref.size) if ref else ("", "", 0)
    return (
        *_parts(letter.key),
        *(letter.kind.value, letter.reason, letter.at.isoformat()),
        *(*kept, int(letter.unknown)),
        *(letter.standing.value, letter.ended_by, letter.note),
    )


def _read(row: tuple[Any, ...]) -> DeadLetter:
    ticket_id, round, step, target, kind, reason, at, *kept, unknown, standing, by, note = row
    tenant, sha256, size = kept
    return DeadLetter.model_validate(
        {
            "key": EffectKey(ticket_id=ticket_id, round=round, step=step, target=target),
            "kind": kind,
            "reason": reason,
            "at": at,
            "request": ArtifactRef(tenant=tenant, sha256=sha256, size=size) if sha256 else None,
            "unknown": bool(unknown),
            "standing": standing,
            "ended_by": by,
            "note": note,
        }
    )
