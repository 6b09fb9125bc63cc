"""Vectors beside the passages: made once, resumable, and followed when another process writes."""

import logging
import struct
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlite_utils

from mendwheel.knowledge.windows import windows
from mendwheel.ports import Embedder, EmbedderError
from mendwheel.stores import vector_sql as sql
from mendwheel.stores.store import Store

if TYPE_CHECKING:
    from mendwheel.stores.vector_index import Floats, Index

BATCH = 32
"""Passages embedded between two commits: what a kill costs."""
LOADED = 4096
"""Passages whose vectors are read at once."""
REMEMBERED = 256
"""Queries whose vectors are kept: a ticket searches for the same words several times."""
_OTHER_SIZE = "%s gives vectors of another size than those that are kept: give it another name"

_log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
"""Told passages embedded so far and passages in all, of this sitting."""


class Vectors:
    """One embedder's vectors in a `Store`. Methods may raise `StoreUnavailable`."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._lock = threading.Lock()
        self._indexes: dict[str, tuple[int, int, Index]] = {}
        self._queries: dict[str, Floats] = {}

    def missing(self, tenant: str) -> int:
        """Passages that have no vectors of this embedder yet."""
        named = {"tenant": tenant, "embedder": self._embedder.identity}
        return int(self._store.rows(sql.COUNT_WITHOUT, named)[0][0])

    def make(self, tenant: str, progress: Progress | None = None) -> int:
        """Embed what has no vectors yet; returns passages embedded. Raises EmbedderError.

        Killed at any point, it goes on from there when it is called again.
        """
        total = self.missing(tenant)
        done = 0
        for batch in self._without(tenant):
            self._write(tenant, batch, self._embedded(batch))
            done += len(batch)
            if progress is not None:
                progress(done, max(done, total))
        return done

    def _without(self, tenant: str) -> Iterator[list[tuple[Any, ...]]]:
        after = 0
        while True:
            rows = self._store.rows(
                sql.WITHOUT_VECTORS,
                {
                    "tenant": tenant,
                    "embedder": self._embedder.identity,
                    "after": after,
                    "most": BATCH,
                },
            )
            if not rows:
                return
            yield rows
            after = rows[-1][0]

    def _embedded(self, batch: Sequence[tuple[Any, ...]]) -> list[list[list[float]]]:
        """The vectors of each passage's windows."""
        cut = [windows(title, heading, text) for _, title, heading, text in batch]
        made = iter(self._embedder.embed([window for each in cut for window in each]))
        return [[next(made) for _ in each] for each in cut]

    def _write(
        self, tenant: str, batch: Sequence[tuple[Any, ...]], made: list[list[list[float]]]
    ) -> None:
        named = {"tenant": tenant, "embedder": self._embedder.identity}
        rows = [
            named
            | dict(zip(("passage", "title", "heading", "text"), row, strict=True))
            | {"windows": len(vectors), "vectors": b"".join(packed(each) for each in vectors)}
            for row, vectors in zip(batch, made, strict=True)
        ]

        def job(db: sqlite_utils.Database) -> None:
            for row in rows:
                db.execute(sql.ADD, row)
            db.execute(sql.NOTE_ADDED, named)

        self._store.write(job)

    def nearest(
        self,
        tenant: str,
        query: str,
        most: int,
        *,
        labels: Collection[str] = (),
        kinds: Collection[str] = (),
        product: str | None = None,
    ) -> "Nearest | None":
        """The passages nearest to `query`; None where words alone have to do."""
        index = self._current(tenant)
        if index is None:
            return None
        try:
            vector = self._vector(query)
        except EmbedderError as error:
            # A search by words is better than none; but nobody may take it for the whole one.
            _log.error("searching by words alone: %s", error)
            return None
        if len(vector) != index.means.shape[1]:
            _log.error("searching by words alone: %s", _OTHER_SIZE % self._embedder.identity)
            return None
        found = index.nearest(vector, most, labels=labels, kinds=kinds, product=product)
        return Nearest(index, vector, found)

    def _vector(self, query: str) -> "Floats":
        import numpy as np

        known = self._queries.get(query)
        if known is None:
            known = np.array(self._embedder.embed([query])[0], np.float32)
            if len(self._queries) >= REMEMBERED:
                self._queries.clear()
            self._queries[query] = known
        return known

    def _current(self, tenant: str) -> "Index | None":
        changes = self._store.rows(sql.CHANGES, [tenant, self._embedder.identity])
        if not changes:
            return None
        added, removed = changes[0]
        with self._lock:
            seen = self._indexes.get(tenant)
            if seen is None or seen[:2] != (added, removed):
                seen = (added, removed, self._followed(tenant, seen, added, removed))
                self._indexes[tenant] = seen
        return seen[2] if len(seen[2].keys) else None

    def _followed(
        self, tenant: str, seen: "tuple[int, int, Index] | None", added: int, removed: int
    ) -> "Index":
        from mendwheel.stores.vector_index import empty, grown, kept

        name = [tenant, self._embedder.identity]
        last, known, index = seen or (0, removed, empty())
        if known != removed:
            index = kept(index, {row[0] for row in self._store.rows(sql.KEYS, name)})
        loaded: list[tuple[Any, ...]] = []
        while last < added:
            rows = self._store.rows(sql.LOAD, [*name, last, added, LOADED])
            if not rows:
                break
            loaded += rows
            last = rows[-1][0]
        return grown(index, loaded)


class Nearest:
    """What is near a query, and how near anything else is."""

    def __init__(self, index: "Index", vector: "Floats", found: dict[int, float]) -> None:
        self.found = found
        self._index = index
        self._vector = vector

    def cosines(self, passages: Collection[int]) -> dict[int, float]:
        """Passage → cosine, for those that have vectors."""
        rest = self._index.cosines(self._vector, set(passages) - self.found.keys())
        return {key: self.found[key] for key in passages if key in self.found} | rest


def forget(db: sqlite_utils.Database, tenant: str, document_id: str) -> None:
    """Part of the job that deletes a document, before its passages go."""
    if db.execute(sql.DELETE, [tenant, document_id]).rowcount:
        db.execute(sql.NOTE_REMOVED, [tenant])


def packed(vector: Sequence[float]) -> bytes:
    """As it is kept: 2 bytes a number."""
    return struct.pack(f"<{len(vector)}e", *vector)
