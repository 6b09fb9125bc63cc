"""Vectors beside the cases: past tickets that say the same in other words.

A ticket is embedded when it is first compared and its vector is kept for those that come after it;
`make` catches up on cases that came from elsewhere. Comparing is part of a ticket's start, so an
embedder that does not answer soon is done without.
"""

import json
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

import sqlite_utils

from mendwheel.domain.ids import digest
from mendwheel.domain.knowledge import Case
from mendwheel.knowledge.query import meant
from mendwheel.ports import Embedder, EmbedderError
from mendwheel.stores import vector_sql as sql
from mendwheel.stores.store import Store
from mendwheel.stores.vectors import packed

if TYPE_CHECKING:
    from mendwheel.stores.vector_index import Floats, Ints

WITHIN = 2.0
"""Seconds that a comparison waits for the embedder."""
BATCH = 32
"""Cases embedded between two commits."""
REMEMBERED = 64
"""Reports whose vectors are kept: one ticket is compared several times in a row."""

_log = logging.getLogger(__name__)
Progress = Callable[[int], None]
"""Told the cases embedded so far."""


class CaseVectors:
    """One embedder's vectors of cases in a `Store`. Methods may raise `StoreUnavailable`."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._lock = threading.Lock()
        self._late: Future[list[list[float]]] | None = None
        self._vectors: dict[str, list[float]] = {}
        self._indexes: dict[str, tuple[Ints, Floats]] = {}

    def make(self, tenant: str, progress: Progress | None = None) -> int:
        """Embed the cases that have no vector yet; returns how many. Raises EmbedderError."""
        done, last = 0, ""
        while True:
            named = [tenant, self._embedder.identity, last, BATCH]
            cases = [
                Case.model_validate_json(row[0])
                for row in self._store.rows(sql.CASES_WITHOUT, named)
            ]
            if not cases:
                return done
            vectors = self._embedder.embed([said(case) for case in cases])
            self._keep(cases, vectors)
            done, last = done + len(cases), cases[-1].ticket_id
            if progress is not None:
                progress(done)

    def near(
        self, case: Case, keys: Collection[int], most: int, *, open_only: bool = False
    ) -> dict[int, float]:
        """Case key → cosine (-1..1) of the `most` nearest others of its tenant, and of those of
        `keys` that have a vector. Empty where the embedder does not answer in time.
        """
        vector = self._vector_of(case)
        if vector is None:
            return {}
        import numpy as np

        rows, vectors = self._current(case.tenant)
        if not len(rows) or vectors.shape[1] != len(vector):
            return {}
        cosines = np.vecdot(vectors, np.array(vector, np.float32))
        named = {
            "embedder": self._embedder.identity,
            "tenant": case.tenant,
            "itself": case.ticket_id,
            "open_only": open_only,
        }
        found: dict[int, float] = {}
        nearest = rows[np.argsort(-cosines)]
        start, many = 0, most
        while len(found) < most and start < len(nearest):
            # In their order until there are enough: the same as filtering all of them first.
            part = nearest[start : start + many].tolist()
            of_vector = dict(self._store.rows(sql.CASES_OF, named | {"keys": json.dumps(part)}))
            better = [key for key in part if key in of_vector][: most - len(found)]
            found |= {of_vector[key]: float(cosines[np.searchsorted(rows, key)]) for key in better}
            start, many = start + many, 4 * many
        for key, of_case in self._store.rows(sql.VECTORS_OF, named | {"keys": json.dumps([*keys])}):
            at = int(np.searchsorted(rows, key))
            if at < len(rows) and rows[at] == key:
                found[of_case] = float(cosines[at])
        return found

    def saved(self, case: Case) -> None:
        """Keep the vector of `case` where it was compared before it was saved."""
        with self._lock:
            known = self._vectors.get(said(case))
        if known is not None:
            self._keep_new(case, known)

    def _vector_of(self, case: Case) -> list[float] | None:
        text = said(case)
        with self._lock:
            known = self._vectors.get(text)
        if known is None:
            known = self._soon(text)
            if known is None:
                return None
            with self._lock:
                if len(self._vectors) >= REMEMBERED:
                    self._vectors.clear()
                self._vectors[text] = known
        self._keep_new(case, known)
        return known

    def _keep_new(self, case: Case, vector: Sequence[float]) -> None:
        named = [case.ticket_id, sum_of(case), self._embedder.identity]
        if self._store.rows(sql.CASE_WITHOUT, named):
            self._keep([case], [vector])

    def _soon(self, text: str) -> list[float] | None:
        """The vector of `text`, or None where it takes longer than a ticket should wait.

        While one call is late, nobody else waits for the embedder.
        """
        late = self._late
        if late is not None and not late.done():
            _log.warning("comparing cases by words alone: the embedder has not answered yet")
            return None
        asked: Future[list[list[float]]] = Future()
        threading.Thread(target=self._embed, args=(asked, text), daemon=True).start()
        try:
            return asked.result(WITHIN)[0]
        except TimeoutError:
            self._late = asked
            _log.warning("comparing cases by words alone: no embedding within %.0f s", WITHIN)
        except EmbedderError as error:
            _log.error("comparing cases by words alone: %s", error)
        return None

    def _embed(self, asked: "Future[list[list[float]]]", text: str) -> None:
        try:
            asked.set_result(self._embedder.embed([text]))
        except BaseException as error:  # raised again where it is waited for
            asked.set_exception(error)

    def _keep(self, cases: Sequence[Case], vectors: Sequence[Sequence[float]]) -> None:
        """Write what is new, of cases that are there and still say the same."""
        rows = [
            {
                "ticket_id": case.ticket_id,
                "embedder": self._embedder.identity,
                "sum": sum_of(case),
                "vector": packed(vector),
            }
            for case, vector in zip(cases, vectors, strict=True)
        ]

        def job(db: sqlite_utils.Database) -> None:
            for row in rows:
                db.execute(sql.ADD_CASE, row)

        self._store.write(job)

    def _current(self, tenant: str) -> "tuple[Ints, Floats]":
        """Keys in order, and their vectors: what was read before, and what has come since."""
        import numpy as np

        with self._lock:
            keys, vectors = self._indexes.get(
                tenant, (np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
            )
            last = int(keys[-1]) if len(keys) else 0
            rows = self._store.rows(sql.CASES_LOAD, [tenant, self._embedder.identity, last])
            width = len(rows[0][1]) if rows else 0
            if len(keys):
                width = 2 * vectors.shape[1]
            rows = [row for row in rows if len(row[1]) == width]  # others cannot be compared
            if rows:
                packed_ = np.frombuffer(b"".join(row[1] for row in rows), np.float16)
                new = packed_.reshape(len(rows), -1).astype(np.float32)
                vectors = np.concatenate([vectors, new]) if len(keys) else new
                keys = np.concatenate([keys, np.array([row[0] for row in rows], np.int64)])
                self._indexes[tenant] = keys, vectors
            return keys, vectors


def said(case: Case) -> str:
    """What of a case is embedded."""
    return meant(f"{case.title}\n{case.text}")


def sum_of(case: Case) -> str:
    """Changes with what is embedded."""
    return digest(said(case))
