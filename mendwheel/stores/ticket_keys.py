"""A key for each ticket, wrapped by the master key: without it the ticket's texts are noise.

A key belongs to the row it was read from. Destroyed there, it is gone everywhere: what a process
still remembers is compared with the row each time it is used.
"""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import sqlite_utils

from mendwheel.ports import StoreUnavailable
from mendwheel.security import store_key
from mendwheel.security.sealing import SealBroken, new_key, seal, unseal
from mendwheel.stores.store import Store

_FIND = "SELECT number, wrapped FROM ticket_keys WHERE tenant = ? AND ticket_id = ?"
_ADD = "INSERT INTO ticket_keys (tenant, ticket_id, wrapped) VALUES (?, ?, ?)"
_LAST = "SELECT tenant, ticket_id, wrapped FROM ticket_keys ORDER BY number DESC LIMIT 1"
_ANY = "SELECT 1 FROM ticket_keys LIMIT 1"

_KEPT = 2000
"""Keys that a process remembers; unwrapping one again takes some ten microseconds."""


class TicketKey(NamedTuple):
    """A key in the clear, and as it stands in the store."""

    clear: bytes
    wrapped: bytes


class TicketKeys:
    """The keys in one `Store`. Methods may raise `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file = store_key.key_file(store.path)
        self._master: bytes | None = None
        self._known: OrderedDict[tuple[str, str], TicketKey] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, tenant: str, ticket: str) -> TicketKey:
        """The ticket's key, or a new one that stands in the store only after `number`."""
        known = self._remembered(tenant, ticket)
        if known is not None:
            return known
        rows = self._store.rows(_FIND, (tenant, ticket))
        if rows:
            return self.opened(tenant, ticket, rows[0][1])
        clear = new_key()
        return TicketKey(clear, seal(self._wrapping(), clear, tenant, ticket))

    def number(self, db: sqlite_utils.Database, tenant: str, ticket: str, key: TicketKey) -> int:
        """The row of `key`, added if the ticket has none; 0 when it has another key by now."""
        found = db.execute(_FIND, (tenant, ticket)).fetchone()
        if found is None:
            return int(db.execute(_ADD, (tenant, ticket, key.wrapped)).lastrowid or 0)
        return int(found[0]) if found[1] == key.wrapped else 0

    def opened(self, tenant: str, ticket: str, wrapped: bytes) -> TicketKey:
        """A key as it stands in the store, in the clear as well."""
        known = self._remembered(tenant, ticket)
        if known is not None and known.wrapped == wrapped:
            return known
        try:
            key = TicketKey(unseal(self._wrapping(), wrapped, tenant, ticket), wrapped)
        except SealBroken as error:
            raise StoreUnavailable(
                f"the texts of {ticket or tenant} cannot be read: {self._file} is not the key they"
                " were sealed with: restore the one that belongs to this store"
            ) from error
        self.remember(tenant, ticket, key)
        return key

    def remember(self, tenant: str, ticket: str, key: TicketKey) -> None:
        with self._lock:
            self._known[tenant, ticket] = key
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def drop(self, tenant: str, ticket: str) -> None:
        """Do not use what is remembered of it again."""
        with self._lock:
            self._known.pop((tenant, ticket), None)

    def check(self) -> None:
        """Raises StoreUnavailable where texts were sealed with a key file that is not there."""
        for tenant, ticket, wrapped in self._store.rows(_LAST):
            self.opened(tenant, ticket, wrapped)

    def _remembered(self, tenant: str, ticket: str) -> TicketKey | None:
        with self._lock:
            return self._known.get((tenant, ticket))

    def _wrapping(self) -> bytes:
        if self._master is None:
            # A key made anew for a store that has texts would hide that the old one is lost.
            make = not self._store.rows(_ANY)
            try:
                self._master = store_key.load(self._file, make=make)
            except store_key.StoreKeyError as error:
                raise StoreUnavailable(str(error)) from error
        return self._master


def file_of(store: Path) -> Path:
    """The file with the master key of the store at `store`; a backup needs both."""
    return store_key.key_file(store.absolute())
