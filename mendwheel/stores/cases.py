"""Past and open tickets in SQLite, found again by their words and by what they mean."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlite_utils

from mendwheel.domain.knowledge import Case, CaseMatch
from mendwheel.knowledge.alike import Traits, alike, of_terms, traits
from mendwheel.knowledge.query import counted, match, telling, weigh
from mendwheel.knowledge.terms import terms
from mendwheel.ports import Embedder
from mendwheel.stores.case_vectors import CaseVectors, Progress, sum_of
from mendwheel.stores.store import Store
from mendwheel.stores.vector_sql import FORGET_CASE

CANDIDATES = 16
"""Cases that are compared; the index chooses them by BM25 over the rarest terms."""
NEAREST = 16
"""Cases that are compared besides because they mean nearly the same."""
FAR, NEAR = 0.4, 0.9
"""Cosines from which two reports have something, and all, in common."""
BY_MEANING = 0.7
"""What nearness alone can make two reports alike. The same topic is not the same incident: beyond
this only shared words, errors and names count.
"""

_SAVE = """
    INSERT INTO cases
        (ticket_id, tenant, open, opened_at, component, terms, errors, names, document, said)
    VALUES
        (:ticket_id, :tenant, :open, :opened_at, :component, :terms, :errors, :names, :document,
         :said)
"""
_UNINDEX = """
    INSERT INTO case_index (case_index, rowid, terms)
    SELECT 'delete', key, terms FROM cases WHERE ticket_id = ?
"""
_SIMILAR = """
    SELECT c.key, c.terms, c.errors, c.names, c.component
    FROM case_index i JOIN cases c ON c.key = i.rowid
    WHERE case_index MATCH :expression AND c.tenant = :tenant AND c.ticket_id != :itself
    AND (NOT :open_only OR c.open)
    ORDER BY bm25(case_index) LIMIT :most
"""
_COMPARED = """
    SELECT key, terms, errors, names, component FROM cases
    WHERE key IN (SELECT value FROM json_each(?))
"""
_LIST = """
    SELECT document FROM cases WHERE tenant = ? AND (NOT ? OR open)
    ORDER BY opened_at DESC, key DESC LIMIT ?
"""


class SqliteCases:
    """The port `Cases` on a `Store`. Every method may raise `StoreUnavailable`."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        """Without `embedder` cases are found by their words alone."""
        self._store = store
        self._vectors = CaseVectors(store, embedder) if embedder else None

    def save(self, case: Case) -> None:
        """Insert or update by ticket id."""
        own = traits(case.title, case.text, case.component)
        row = {
            "ticket_id": case.ticket_id,
            "tenant": case.tenant,
            "open": case.open,
            "opened_at": case.opened_at.isoformat(),
            "component": case.component,
            "terms": " ".join(terms(f"{case.title}\n{case.text}")),
            "errors": json.dumps(sorted(own.errors)),
            "names": json.dumps(sorted(own.names)),
            "document": case.model_dump_json(),
            "said": sum_of(case),
        }

        def job(db: sqlite_utils.Database) -> None:
            db.execute(_UNINDEX, [case.ticket_id])
            db.execute("DELETE FROM cases WHERE ticket_id = ?", [case.ticket_id])
            db.execute(FORGET_CASE, [case.ticket_id, row["said"]])
            key = db.execute(_SAVE, row).lastrowid
            db.execute("INSERT INTO case_index (rowid, terms) VALUES (?, ?)", [key, row["terms"]])

        self._store.write(job)
        if self._vectors is not None:
            self._vectors.saved(case)

    def get(self, ticket_id: str) -> Case | None:
        rows = self._store.rows("SELECT document FROM cases WHERE ticket_id = ?", [ticket_id])
        return Case.model_validate_json(rows[0][0]) if rows else None

    def embed(self, tenant: str, progress: Progress | None = None) -> int:
        """Make the vectors that are missing; returns cases embedded, 0 without an embedder.

        A ticket's own is made when it is first compared. Raises EmbedderError.
        """
        return self._vectors.make(tenant, progress) if self._vectors else 0

    def similar(self, case: Case, *, limit: int = 5, open_only: bool = False) -> list[CaseMatch]:
        """Cases of the same tenant most like `case` (never itself), best first.

        Nearness in meaning finds cases and puts them in order; by itself it makes no two alike
        enough to count as one.
        """
        counts = counted(f"{case.title}\n{case.text}")
        frequencies = self._frequencies(list(counts))
        total = int(self._store.rows("SELECT count(*) FROM cases")[0][0])
        rows = self._by_words(
            case, telling(weigh(counts, frequencies, total), frequencies), open_only
        )
        cosines = self._near(case, [row[0] for row in rows], open_only)
        more = sorted(cosines.keys() - {row[0] for row in rows})
        rows += self._store.rows(_COMPARED, [json.dumps(more)]) if more else []
        own = traits(case.title, case.text, case.component)
        values = {row[0]: alike(own, _traits(*row[1:]), frequencies, total) for row in rows}
        values = {key: _lifted(value, cosines.get(key)) for key, value in values.items()}
        ranked = sorted(values, key=lambda key: (-values[key], key))[:limit]
        read = self._read(ranked)
        return [CaseMatch(case=read[key], similarity=values[key]) for key in ranked if key in read]

    def _by_words(
        self, case: Case, wanted: Sequence[str], open_only: bool
    ) -> list[tuple[Any, ...]]:
        if not wanted:
            return []
        return self._store.rows(
            _SIMILAR,
            {
                "expression": match(wanted),
                "tenant": case.tenant,
                "itself": case.ticket_id,
                "open_only": open_only,
                "most": CANDIDATES,
            },
        )

    def _near(self, case: Case, keys: Sequence[int], open_only: bool) -> dict[int, float]:
        if self._vectors is None or not f"{case.title}{case.text}".strip():
            return {}
        return self._vectors.near(case, keys, NEAREST, open_only=open_only)

    def _read(self, keys: Sequence[int]) -> dict[int, Case]:
        rows = self._store.rows(
            "SELECT key, document FROM cases WHERE key IN (SELECT value FROM json_each(?))",
            [json.dumps(keys)],
        )
        return {key: Case.model_validate_json(document) for key, document in rows}

    def _frequencies(self, wanted: Sequence[str]) -> dict[str, int]:
        rows = self._store.rows(
            "SELECT term, doc FROM case_terms WHERE term IN (SELECT value FROM json_each(?))",
            [json.dumps(wanted)],
        )
        return dict(rows)

    # Last, because below it `list` is no longer the type.
    def list(self, tenant: str, *, open_only: bool = False, limit: int = 50) -> list[Case]:
        """The latest ones first."""
        rows = self._store.rows(_LIST, [tenant, open_only, limit])
        return [Case.model_validate_json(row[0]) for row in rows]


def _lifted(value: float, cosine: float | None) -> float:
    """`value` brought nearer to `BY_MEANING` by the nearness of two reports, never beyond."""
    if cosine is None or value >= BY_MEANING:
        return value
    near = min(1.0, max(0.0, (cosine - FAR) / (NEAR - FAR)))
    return round(value + (BY_MEANING - value) * near, 4)


@lru_cache(maxsize=2000)
def _traits(
    words: str | None, errors: str | None, names: str | None, component: str | None
) -> Traits:
    """Kept: the same cases are compared with one new ticket after another."""
    return of_terms(
        (words or "").split(),
        json.loads(errors or "[]"),
        json.loads(names or "[]"),
        (component or "").casefold(),
    )
