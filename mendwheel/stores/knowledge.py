"""Documents in SQLite, searchable by passage (FTS5)."""

import json
from collections.abc import Collection, Iterable, Sequence

import sqlite_utils

from mendwheel.domain.knowledge import Document, Passage
from mendwheel.knowledge.reading import Reading
from mendwheel.ports import Embedder
from mendwheel.stores.knowledge_search import Searching, Wanted
from mendwheel.stores.knowledge_sql import UNREADABLE
from mendwheel.stores.knowledge_sync import Sync
from mendwheel.stores.knowledge_write import delete, put
from mendwheel.stores.store import Store
from mendwheel.stores.vectors import Progress, Vectors


class SqliteKnowledge:
    """The port `Knowledge` on a `Store`. Every method may raise `StoreUnavailable`."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        """Without `embedder` passages are found by their words alone."""
        self._store = store
        self._vectors = Vectors(store, embedder) if embedder else None
        self._searching = Searching(store, self._vectors)

    def add(self, tenant: str, documents: Iterable[Document]) -> int:
        """Add or replace by id; a document that did not change is left alone.

        Returns the number of passages written.
        """
        return put(self._store, tenant, documents)

    def sync(self, tenant: str, reading: Reading, *, even_most: bool = False) -> Sync:
        """A delivery that also removes what has gone from the sources it is given."""
        return Sync(self._store, tenant, reading, even_most=even_most)

    def remove(self, tenant: str, document_ids: Iterable[str]) -> int:
        """Returns how many of the documents were there."""
        wanted = list(document_ids)

        def job(db: sqlite_utils.Database) -> int:
            return sum(delete(db, tenant, document_id) for document_id in wanted)

        return self._store.write(job)

    def count(self, tenant: str) -> int:
        return int(
            self._store.rows("SELECT count(*) FROM documents WHERE tenant = ?", [tenant])[0][0]
        )

    def unreadable(self, tenant: str, labels: Collection[str]) -> tuple[int, list[str]]:
        """How many documents are hidden from who has all of `labels`, and what labels they have."""
        rows = self._store.rows(UNREADABLE, {"tenant": tenant, "labels": json.dumps([*labels])})
        wanted = {label for held, _ in rows for label in json.loads(held)}
        return sum(count for _, count in rows), sorted(wanted)

    def search(
        self,
        tenant: str,
        query: str,
        *,
        labels: Sequence[str] = (),
        product: str | None = None,
        kinds: Sequence[str] = (),
        limit: int = 8,
    ) -> list[Passage]:
        """Best passages first, the best of each document before a second one of any.

        A document with labels is seen by readers who have at least one of them. `product` lifts
        its own documents and hides none. Scores are in weights of a term that nothing else has, so
        that they mean about the same in a small knowledge base and a large one.
        """
        if limit < 1:
            return []
        return self._searching.search(
            Wanted(tenant, query, tuple(labels), product, tuple(kinds), limit)
        )

    def embed(self, tenant: str, progress: Progress | None = None) -> int:
        """Make the vectors that are missing; returns passages embedded, 0 without an embedder.

        Until then these passages are found by their words alone. Raises EmbedderError.
        """
        return self._vectors.make(tenant, progress) if self._vectors else 0
