"""Texts too big for history, compressed, one copy a tenant however often they are put."""

import hashlib
import threading
import zlib
from collections import OrderedDict

import sqlite_utils

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.stores.store import Store

_PUT = "INSERT INTO artifacts (tenant, sha256, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_GET = "SELECT body FROM artifacts WHERE tenant = ? AND sha256 = ?"

_LEVEL = 1
"""zlib level. On texts of 10 to 60 KB, level 6 saved 6 to 17 % and took 1.6 to 7 times as long; at
1 KB the level made no difference that could be told from noise."""


_KEPT = 8_000_000
"""Bytes of texts a process keeps in memory: each step of a ticket reads what the last one wrote."""


class SqliteArtifacts:
    """`ports.Artifacts` in a `Store`. Any text comes back as it was, lone surrogates included."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent = _Recent(_KEPT)

    def put(self, tenant: str, text: str) -> ArtifactRef:
        raw = text.encode("utf-8", "surrogatepass")
        ref = ArtifactRef(tenant=tenant, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
        # Compressed here, on the caller's thread: the writer's time is everybody's.
        row = (ref.tenant, ref.sha256, zlib.compress(raw, _LEVEL))

        def insert(db: sqlite_utils.Database) -> None:
            db.execute(_PUT, row)

        self._store.write(insert)
        self._recent.keep(ref, text)
        return ref

    def get(self, ref: ArtifactRef) -> str:
        """Raises LookupError when the artifact is unknown or was forgotten."""
        known = self._recent.get(ref)
        if known is not None:
            return known
        rows = self._store.rows(_GET, (ref.tenant, ref.sha256))
        if not rows:
            raise LookupError(
                f"artifact {ref.sha256} of tenant {ref.tenant} is unknown or was forgotten: "
                "put the text again"
            )
        text = zlib.decompress(rows[0][0]).decode("utf-8", "surrogatepass")
        self._recent.keep(ref, text)
        return text


class _Recent:
    """The texts used last, by content: they never change, so they never go stale."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: OrderedDict[ArtifactRef, str] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, ref: ArtifactRef) -> str | None:
        with self._lock:
            if ref not in self._texts:
                return None
            self._texts.move_to_end(ref)
            return self._texts[ref]

    def keep(self, ref: ArtifactRef, text: str) -> None:
        with self._lock:
            if ref in self._texts or ref.size > self._most:
                return
            self._texts[ref] = text
            self._size += ref.size
            while self._size > self._most:
                gone, _ = self._texts.popitem(last=False)
                self._size -= gone.size
