"""Documents in SQLite, searchable by passage (FTS5)."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlite_utils

from mendwheel.domain.ids import digest
from mendwheel.domain.knowledge import Document, Passage
from mendwheel.knowledge.chunk import passages
from mendwheel.knowledge.query import (
    counted,
    inverse_frequency,
    match,
    pairs,
    telling,
    weigh,
)
from mendwheel.knowledge.rank import Candidate, Ranked, is_of_product, rank
from mendwheel.knowledge.terms import terms
from mendwheel.stores import knowledge_sql as sql
from mendwheel.stores.store import Store

CANDIDATES = 40
"""Passages that are ranked with all features; the index chooses them by BM25 alone."""
BATCH = 64
"""Documents cut into passages before they are handed to the writer."""

_HEAD = ("document_id", "title", "heading", "text")
_FIELDS = (*_HEAD, "kind", "position", "component", "remedy", "url")


class SqliteKnowledge:
    """The port `Knowledge` on a `Store`. Every method may raise `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
        counts = counted(query)
        if not counts or limit < 1:
            return []
        total = int(self._store.rows("SELECT max(key) FROM passages")[0][0] or 0)
        frequencies = self._frequencies(list(counts))
        weights = weigh(counts, frequencies, total)
        wanted = telling(weights, frequencies)
        if not wanted:
            return []
        candidates = self._candidates(tenant, match(wanted), labels, product, kinds)
        unit = inverse_frequency(0, total)
        return self._read(rank(weights, pairs(query), candidates, limit), unit)

    def _frequencies(self, wanted: Sequence[str]) -> dict[str, int]:
        rows = self._store.rows(
            "SELECT term, doc FROM passage_terms WHERE term IN (SELECT value FROM json_each(?))",
            [json.dumps(wanted)],
        )
        return dict(rows)

    def _candidates(
        self,
        tenant: str,
        expression: str,
        labels: Sequence[str],
        product: str | None,
        kinds: Sequence[str],
    ) -> list[Candidate]:
        rows = self._store.rows(
            sql.CANDIDATES,
            {
                "most": CANDIDATES,
                "expression": expression,
                "tenant": tenant,
                "kinds": json.dumps(list(kinds)),
                "labels": json.dumps(list(labels)),
            },
        )
        return [_candidate(row, product) for row in rows]

    def _read(self, ranked: Sequence[Ranked], unit: float) -> list[Passage]:
        rows = self._store.rows(sql.PASSAGES, [json.dumps([each.key for each in ranked])])
        read = {row[0]: dict(zip(_FIELDS, row[1:], strict=True)) for row in rows}
        return [
            Passage(**read[each.key], score=each.score / unit, coverage=each.coverage)
            for each in ranked
            if each.key in read  # removed between the two reads
        ]


def _candidate(row: tuple[Any, ...], product: str | None) -> Candidate:
    key, document, body, heading, title, path, identity, stated = row
    of_product = product is not None and is_of_product(product, identity, stated)
    return Candidate(key, document, body, heading, title, path, of_product)


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
    key = [tenant, document_id]
    db.execute(sql.UNINDEX, key)
    db.execute(sql.DELETE_PASSAGES, key)
    return db.execute("DELETE FROM documents WHERE tenant = ? AND id = ?", key).rowcount
