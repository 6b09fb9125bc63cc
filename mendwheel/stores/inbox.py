"""What outside names stand for, what was taken in already, and how far a poll has come."""

import sqlite_utils

from mendwheel.stores.store import Store

_BIND = (
    "INSERT INTO threads (thread, ticket_id) VALUES (?, ?)"
    " ON CONFLICT (thread) DO UPDATE SET ticket_id = excluded.ticket_id"
)
_TICKET = "SELECT ticket_id FROM threads WHERE thread = ?"
_SEEN = "SELECT 1 FROM deliveries WHERE system = ? AND id = ?"
_NOTE = "INSERT INTO deliveries (system, id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_GET = "SELECT value FROM cursors WHERE name = ?"
_SET = (
    "INSERT INTO cursors (name, value) VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class SqliteThreads:
    """`ports.Threads` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def bind(self, thread: str, ticket_id: str) -> None:
        _write(self._store, _BIND, (thread, ticket_id))

    def ticket(self, thread: str) -> str | None:
        return next((str(ticket) for (ticket,) in self._store.rows(_TICKET, (thread,))), None)


class SqliteDeliveries:
    """`ports.Deliveries` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def seen(self, system: str, delivery_id: str) -> bool:
        return bool(self._store.rows(_SEEN, (system, delivery_id)))

    def note(self, system: str, delivery_id: str) -> None:
        _write(self._store, _NOTE, (system, delivery_id))


class SqliteCursors:
    """`ports.Cursors` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str) -> str:
        return next((str(value) for (value,) in self._store.rows(_GET, (name,))), "")

    def set(self, name: str, value: str) -> None:
        _write(self._store, _SET, (name, value))


def _write(store: Store, statement: str, row: tuple[str, str]) -> None:
    def write(db: sqlite_utils.Database) -> None:
        db.execute(statement, row)

    store.write(write)
