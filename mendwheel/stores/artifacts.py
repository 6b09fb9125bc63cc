"""Texts too big for history: compressed, and sealed with the key of the ticket they belong to.

One copy a ticket, however often it is put. Two tickets with the same text have a copy each, so
that destroying one ticket's key takes nothing from the other (ADR 0023).
"""

import hashlib
import threading
import time
import zlib
from collections import OrderedDict

import sqlite_utils

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.ports import StoreUnavailable
from mendwheel.security.sealing import SealBroken, seal, unseal
from mendwheel.stores.store import Store
from mendwheel.stores.ticket_keys import TicketKey, TicketKeys

_PUT = (
    "INSERT INTO sealed_texts (key, tenant, sha256, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_GET = (
    "SELECT t.body, k.ticket_id, k.wrapped FROM sealed_texts t JOIN ticket_keys k"
    " ON k.number = t.key WHERE t.tenant = ? AND t.sha256 = ? LIMIT 1"
)
# Put before texts were sealed.
_GET_PLAIN = "SELECT body FROM artifacts WHERE tenant = ? AND sha256 = ?"

_LEVEL = 1
"""zlib level. On texts of 10 to 60 KB, level 6 saved 6 to 17 % and took 1.6 to 7 times as long; at
1 KB the level made no difference that could be told from noise."""

_KEPT = 8_000_000
"""Bytes of texts a process keeps in memory: each step of a ticket reads what the last one wrote."""
KEPT_SECONDS = 300.0
"""So long at most: another process may have had the text forgotten meanwhile."""


class SqliteArtifacts:
    """`ports.Artifacts` in a `Store`. Any text comes back as it was, lone surrogates included."""

    def __init__(self, store: Store, keys: TicketKeys | None = None) -> None:
        self._store = store
        self._keys = keys or TicketKeys(store)
        self._recent = _Recent(_KEPT)

    def put(self, tenant: str, text: str, ticket: str = "") -> ArtifactRef:
        """Keep `text` for as long as `ticket` is not forgotten; without one, for ever."""
        raw = text.encode("utf-8", "surrogatepass")
        ref = ArtifactRef(tenant=tenant, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
        # Compressed and sealed here, on the caller's thread: the writer's time is everybody's.
        packed = zlib.compress(raw, _LEVEL)
        key = self._keys.of(tenant, ticket)
        while not self._kept(ref, ticket, packed, key):
            # Forgotten, or another process was first with the ticket's first text.
            self._keys.drop(tenant, ticket)
            key = self._keys.of(tenant, ticket)
        self._keys.remember(tenant, ticket, key)
        self._recent.keep(ref, text)
        return ref

    def _kept(self, ref: ArtifactRef, ticket: str, packed: bytes, key: TicketKey) -> bool:
        body = seal(key.clear, packed, ref.tenant, ticket, ref.sha256)

        def insert(db: sqlite_utils.Database) -> bool:
            number = self._keys.number(db, ref.tenant, ticket, key)
            if number:
                db.execute(_PUT, (number, ref.tenant, ref.sha256, body))
            return bool(number)

        return self._store.write(insert)

    def get(self, ref: ArtifactRef) -> str:
        """Raises LookupError when the artifact is unknown or was forgotten."""
        known = self._recent.get(ref)
        if known is not None:
            return known
        text = zlib.decompress(self._packed(ref)).decode("utf-8", "surrogatepass")
        self._recent.keep(ref, text)
        return text

    def _packed(self, ref: ArtifactRef) -> bytes:
        for body, ticket, wrapped in self._store.rows(_GET, (ref.tenant, ref.sha256)):
            key = self._keys.opened(ref.tenant, ticket, wrapped)
            try:
                return unseal(key.clear, body, ref.tenant, ticket, ref.sha256)
            except SealBroken as error:
                raise StoreUnavailable(
                    f"artifact {ref.sha256} in {self._store.path} was changed by hand: restore a"
                    " backup"
                ) from error
        for (body,) in self._store.rows(_GET_PLAIN, (ref.tenant, ref.sha256)):
            return bytes(body)
        raise LookupError(
            f"artifact {ref.sha256} of tenant {ref.tenant} is unknown or was forgotten: "
            "put the text again"
        )

    def drop(self, tenant: str, ticket: str) -> None:
        """A ticket was forgotten: neither its key nor any text is to be served from memory."""
        self._keys.drop(tenant, ticket)
        self._recent.clear()


class _Recent:
    """The texts used last, by content: they never change, so they never go stale."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: OrderedDict[ArtifactRef, tuple[str, float]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, ref: ArtifactRef) -> str | None:
        with self._lock:
            if ref not in self._texts:
                return None
            text, since = self._texts[ref]
            if time.monotonic() - since > KEPT_SECONDS:
                self._remove(ref)
                return None
            self._texts.move_to_end(ref)
            return text

    def keep(self, ref: ArtifactRef, text: str) -> None:
        with self._lock:
            if ref in self._texts or ref.size > self._most:
                return
            self._texts[ref] = text, time.monotonic()
            self._size += ref.size
            while self._size > self._most:
                self._remove(next(iter(self._texts)))

    def clear(self) -> None:
        with self._lock:
            self._texts.clear()
            self._size = 0

    def _remove(self, ref: ArtifactRef) -> None:
        del self._texts[ref]
        self._size -= ref.size
