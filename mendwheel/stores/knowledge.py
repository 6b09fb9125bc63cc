"""Documents in SQLite, searchable by passage (FTS5)."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlite_utils

from mendwheel.domain.ids import digest
from mendwheel.domain.knowledge import Document, Passage
from mendwheel.knowledge.chunk import passages
from mendwheel.knowledge.terms import terms
from mendwheel.ports import Embedder
from mendwheel.stores import knowledge_sql as sql
from mendwheel.stores.knowledge_search import Searching, Wanted
from mendwheel.stores.store import Store
from mendwheel.stores.vectors import Progress, Vectors, forget

BATCH = 64
"""Documents cut into passages before they are handed to the writer."""


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
        written = 0
        batch: list[Document] = []
        for document in documents:
            batch.append(document)
            if len(batch) == BATCH:
                written += self._add_batch(tenant, batch)
                batch = []
        return written + (self._add_batch(tenant, batch) if batch else 0)

    def _add_batch(self, tenant: str, batch: Sequence[Document]) -> int:
        # Cut and tokenise here, so that the writer thread only writes. Last of an id wins.
        latest = {document.id: document for document in batch}
        stood = dict(
            self._store.rows(
                "SELECT id, digest FROM documents WHERE tenant = ? "
                "AND id IN (SELECT value FROM json_each(?))",
                [tenant, json.dumps(list(latest))],
            )
        )
        written = 0
        for document in latest.values():
            sum_ = digest(document.model_dump(mode="json"))
            if stood.get(document.id) != sum_:
                rows = _rows(document)
                self._store.write(_replacement(tenant, document, sum_, rows))
                written += len(rows)
        return written

    def remove(self, tenant: str, document_ids: Iterable[str]) -> int:
        """Returns how many of the documents were there."""
        wanted = list(document_ids)

        def job(db: sqlite_utils.Database) -> int:
            return sum(_delete(db, tenant, document_id) for document_id in wanted)

        return self._store.write(job)

    def count(self, tenant: str) -> int:
        return int(
            self._store.rows("SELECT count(*) FROM documents WHERE tenant = ?", [tenant])[0][0]
        )

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


def _rows(document: Document) -> list[dict[str, Any]]:
    title = " ".join(terms(document.title))
    path = " ".join(terms(re.sub(r"[/:.-]", " ", document.id)))
    return [
        {
            "position": passage.position,
            "heading": passage.heading,
            "body_terms": " ".join(terms(passage.text)),
            "heading_terms": " ".join(terms(passage.heading)),
            "title_terms": title,
            "path_terms": path,
            "text": passage.text,
        }
        for passage in passages(document)
    ]


def _replacement(
    tenant: str, document: Document, sum_: str, rows: list[dict[str, Any]]
) -> Callable[[sqlite_utils.Database], None]:
    """The job that puts `document` in the place of what stood there, in one transaction."""

    def job(db: sqlite_utils.Database) -> None:
        _delete(db, tenant, document.id)
        values = document.model_dump(exclude={"body", "labels", "id"}) | {
            "tenant": tenant,
            "id": document.id,
            "digest": sum_,
            "labels": json.dumps(document.labels),
        }
        key = db.execute(sql.ADD_DOCUMENT, values).lastrowid
        for row in rows:
            at = db.execute(sql.ADD_PASSAGE, {"document": key, **row}).lastrowid
            db.execute(sql.INDEX_PASSAGE, {"key": at, **row})

    return job


def _delete(db: sqlite_utils.Database, tenant: str, document_id: str) -> int:
    forget(db, tenant, document_id)
    key = [tenant, document_id]
    db.execute(sql.UNINDEX, key)
    db.execute(sql.DELETE_PASSAGES, key)
    return db.execute("DELETE FROM documents WHERE tenant = ? AND id = ?", key).rowcount
