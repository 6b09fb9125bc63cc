"""Puts documents into the knowledge store and takes them out, each in one transaction."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlite_utils

from mendwheel.domain.ids import digest
from mendwheel.domain.knowledge import Document
from mendwheel.knowledge.chunk import passages
from mendwheel.knowledge.terms import terms
from mendwheel.stores import knowledge_sql as sql
from mendwheel.stores.store import Store
from mendwheel.stores.vectors import forget

BATCH = 64
"""Documents compared with what stands before they are handed to the writer."""
NOWHERE = (None, None)


def put(
    store: Store,
    tenant: str,
    documents: Iterable[Document],
    where: tuple[str | None, str | None] = NOWHERE,
) -> int:
    """Add or replace by id; a document that did not change is left alone.

    `where` is the source that it is kept in step with, and the file there. Returns the number of
    passages written.
    """
    written = 0
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            written += _put_batch(store, tenant, batch, where)
            batch = []
    return written + (_put_batch(store, tenant, batch, where) if batch else 0)


def _put_batch(
    store: Store, tenant: str, batch: Sequence[Document], where: tuple[str | None, str | None]
) -> int:
    # Cut and tokenise here, so that the writer only writes. Last of an id wins.
    latest = {document.id: document for document in batch}
    stood = {
        row[0]: (row[1], row[2:])
        for row in store.rows(sql.STANDING, [tenant, json.dumps(list(latest))])
    }
    written = 0
    moved: list[str] = []
    for document in latest.values():
        sum_ = digest(document.model_dump(mode="json"))
        known, place = stood.get(document.id, ("", NOWHERE))
        if known != sum_:
            rows = _rows(document)
            store.write(_replacement(tenant, document, sum_, where, rows))
            written += len(rows)
        elif where not in (NOWHERE, place):
            moved.append(document.id)
    if moved:
        store.write(lambda db: db.execute(sql.MOVE, [*where, tenant, json.dumps(moved)]) and None)
    return written


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
    tenant: str,
    document: Document,
    sum_: str,
    where: tuple[str | None, str | None],
    rows: list[dict[str, Any]],
) -> Callable[[sqlite_utils.Database], None]:
    """The job that puts `document` in the place of what stood there, in one transaction."""

    def job(db: sqlite_utils.Database) -> None:
        delete(db, tenant, document.id)
        values = document.model_dump(exclude={"body", "labels", "id"}) | {
            "tenant": tenant,
            "id": document.id,
            "digest": sum_,
            "labels": json.dumps(document.labels),
            "origin": where[0],
            "place": where[1],
        }
        key = db.execute(sql.ADD_DOCUMENT, values).lastrowid
        for row in rows:
            at = db.execute(sql.ADD_PASSAGE, {"document": key, **row}).lastrowid
            db.execute(sql.INDEX_PASSAGE, {"key": at, **row})

    return job


def delete(db: sqlite_utils.Database, tenant: str, document_id: str) -> int:
    """Part of a job: a document with its passages and vectors; 0 when it was not there."""
    forget(db, tenant, document_id)
    key = [tenant, document_id]
    db.execute(sql.UNINDEX, key)
    db.execute(sql.DELETE_PASSAGES, key)
    return db.execute("DELETE FROM documents WHERE tenant = ? AND id = ?", key).rowcount
