"""Past and open tickets in SQLite, found again by their words."""

import json
from collections.abc import Sequence
from functools import lru_cache

import sqlite_utils

from mendwheel.domain.knowledge import Case, CaseMatch
from mendwheel.knowledge.alike import Traits, alike, of_terms, traits
from mendwheel.knowledge.query import counted, match, telling, weigh
from mendwheel.knowledge.terms import terms
from mendwheel.stores.store import Store

CANDIDATES = 16
"""Cases that are compared; the index chooses them by BM25 over the rarest terms."""

_SAVE = """
    INSERT INTO cases
        (ticket_id, tenant, open, opened_at, component, terms, errors, names, document)
    VALUES
        (:ticket_id, :tenant, :open, :opened_at, :component, :terms, :errors, :names, :document)
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
_LIST = """
    SELECT document FROM cases WHERE tenant = ? AND (NOT ? OR open)
    ORDER BY opened_at DESC, key DESC LIMIT ?
"""


class SqliteCases:
    """The port `Cases` on a `Store`. Every method may raise `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
        }

        def job(db: sqlite_utils.Database) -> None:
            db.execute(_UNINDEX, [case.ticket_id])
            db.execute("DELETE FROM cases WHERE ticket_id = ?", [case.ticket_id])
            key = db.execute(_SAVE, row).lastrowid
            db.execute("INSERT INTO case_index (rowid, terms) VALUES (?, ?)", [key, row["terms"]])

        self._store.write(job)

    def get(self, ticket_id: str) -> Case | None:
        rows = self._store.rows("SELECT document FROM cases WHERE ticket_id = ?", [ticket_id])
        return Case.model_validate_json(rows[0][0]) if rows else None

    def similar(self, case: Case, *, limit: int = 5, open_only: bool = False) -> list[CaseMatch]:
        """Cases of the same tenant most like `case` (never itself), best first."""
        counts = counted(f"{case.title}\n{case.text}")
        frequencies = self._frequencies(list(counts))
        total = int(self._store.rows("SELECT count(*) FROM cases")[0][0])
        wanted = telling(weigh(counts, frequencies, total), frequencies)
        if not wanted:
            return []
        rows = self._store.rows(
            _SIMILAR,
            {
                "expression": match(wanted),
                "tenant": case.tenant,
                "itself": case.ticket_id,
                "open_only": open_only,
                "most": CANDIDATES,
            },
        )
        own = traits(case.title, case.text, case.component)
        ranked = sorted(
            ((alike(own, _traits(*row[1:]), frequencies, total), row[0]) for row in rows),
            key=lambda found: (-found[0], found[1]),
        )[:limit]
        read = self._read([key for _, key in ranked])
        return [CaseMatch(case=read[key], similarity=value) for value, key in ranked if key in read]

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
