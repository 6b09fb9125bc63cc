"""The chat of people without a chat: what the suite wrote, for the command line to show."""

from collections.abc import Callable
from datetime import datetime

import sqlite_utils

from mendwheel.domain.ids import EffectKey, digest
from mendwheel.stores.clock import utc_now
from mendwheel.stores.store import Store

_FIND = "SELECT reference FROM desk WHERE reference = ?"
_POST = (
    "INSERT INTO desk (reference, ticket_id, place, at, text) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_UPDATE = "UPDATE desk SET text = ? WHERE reference = ? AND place = ?"
_THREAD = "SELECT at, text FROM desk WHERE ticket_id = ? ORDER BY rowid"


class Desk:
    """`ports.Chat` in a `Store`. A message's reference follows from its place and key."""

    def __init__(self, store: Store, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._now = now

    def find(self, place: str, key: EffectKey) -> str | None:
        reference = _reference(place, key)
        return reference if self._store.rows(_FIND, (reference,)) else None

    def post(self, place: str, ticket_id: str, text: str, key: EffectKey) -> str:
        """Write a message; under a key that has one, nothing happens and it keeps its text."""
        reference = _reference(place, key)

        def write(db: sqlite_utils.Database) -> None:
            at = self._now().isoformat()
            db.execute(_POST, (reference, ticket_id, place, at, _encode(text)))

        self._store.write(write)
        return reference

    def update(self, place: str, reference: str, text: str) -> None:
        """Replace a message's text; its time stays.

        Raises:
            LookupError: `place` has no such message.
        """

        def replace(db: sqlite_utils.Database) -> int:
            return db.execute(_UPDATE, (_encode(text), reference, place)).rowcount

        if not self._store.write(replace):
            raise LookupError(f"the desk has no message {reference} at {place!r}: post it first")

    def thread(self, ticket_id: str) -> list[tuple[datetime, str]]:
        """What was written about a ticket, oldest first."""
        return [
            (datetime.fromisoformat(at), text.decode("utf-8", "surrogatepass"))
            for at, text in self._store.rows(_THREAD, (ticket_id,))
        ]


def _reference(place: str, key: EffectKey) -> str:
    return digest([place, key.ticket_id, key.round, key.step, key.target])[:20]


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
