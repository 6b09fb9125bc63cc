"""Finds passages: words and vectors each name candidates, and all features rank them together."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mendwheel.domain.knowledge import Passage
from mendwheel.knowledge.copies import collapsed
from mendwheel.knowledge.query import (
    MOST_FOUND,
    counted,
    inverse_frequency,
    match,
    meant,
    pairs,
    telling,
    weigh,
)
from mendwheel.knowledge.rank import Candidate, Ranked, is_of_product, rank
from mendwheel.stores import knowledge_sql as sql
from mendwheel.stores.store import Store
from mendwheel.stores.vectors import Vectors

CANDIDATES = 40
"""Passages that are ranked with all features; the index chooses them by BM25 alone."""
MOST_LOOKED_AT = 10_000
"""Passages that are filtered in the order of the index; with more, all are filtered first."""
MOST_COUNTED = 2_000
"""Terms whose frequency is kept."""
FEWER_FOUND = 3_000
"""`MOST_FOUND` where vectors bring candidates too."""
NEAREST = 40
"""Passages that are ranked because they are near; and as many of the product asked about."""

_HEAD = ("document_id", "title", "heading", "text")
_FIELDS = (*_HEAD, "kind", "position", "component", "remedy", "url", "labels")


@dataclass(frozen=True)
class Wanted:
    """One search."""

    tenant: str
    query: str
    labels: tuple[str, ...]
    product: str | None
    kinds: tuple[str, ...]
    limit: int

    def filters(self) -> dict[str, Any]:
        return {
            "tenant": self.tenant,
            "kinds": json.dumps(self.kinds),
            "labels": json.dumps(self.labels),
        }


class Searching:
    """Reads a `Store`; `vectors` where meaning counts beside words."""

    def __init__(self, store: Store, vectors: Vectors | None) -> None:
        self._store = store
        self._vectors = vectors
        self._counted: tuple[int, dict[str, int]] = (0, {})

    def search(self, wanted: Wanted) -> list[Passage]:
        """Best passages first."""
        counts = counted(wanted.query)
        if not counts:
            return []
        total = int(self._store.rows("SELECT max(key) FROM passages")[0][0] or 0)
        frequencies = self._frequencies(counts, total)
        weights = weigh(counts, frequencies, total)
        most = MOST_FOUND if self._vectors is None else FEWER_FOUND
        told = telling(weights, frequencies, most)
        candidates = self._by_words(wanted, match(told)) if told else []
        candidates = self._and_nearest(wanted, candidates)
        unit = inverse_frequency(0, total)
        beside = pairs(wanted.query)
        ranked = rank(weights, beside, candidates, wanted.limit, unit)
        found = self._read(ranked, unit)
        if len(collapsed(found)) < len(found):
            # Others take the places of the copies.
            there = {each.key for each in ranked}
            rest = rank(weights, beside, candidates, len(candidates), unit)
            found += self._read([each for each in rest if each.key not in there], unit)
        return collapsed(found)[: wanted.limit]

    def _frequencies(self, wanted: Iterable[str], total: int) -> dict[str, int]:
        """In how many passages each known term occurs; kept until more passages come.

        Counting a common term reads all its places, and questions share their common terms.
        """
        stood, kept = self._counted
        known = dict(kept) if stood == total and len(kept) < MOST_COUNTED else {}
        new = [term for term in wanted if term not in known]
        if new:
            rows = self._store.rows(
                "SELECT term, doc FROM passage_terms WHERE term IN "
                "(SELECT value FROM json_each(?))",
                [json.dumps(new)],
            )
            known |= dict.fromkeys(new, 0) | dict(rows)
            self._counted = (total, known)
        return {term: known[term] for term in wanted if known[term]}

    def _by_words(self, wanted: Wanted, expression: str) -> list[Candidate]:
        """The best `CANDIDATES` of those that `wanted` lets through.

        The index's best are filtered in their order until there are enough, which is the same as
        filtering all and ranking then, without looking up thousands of documents.
        """
        looked_up = {"expression": expression, "most": MOST_LOOKED_AT}
        keys = [row[0] for row in self._store.rows(sql.FOUND, looked_up)]
        rows: list[tuple[Any, ...]] = []
        start, many = 0, CANDIDATES
        while len(rows) < CANDIDATES and start < len(keys):
            rows += self._within(wanted, keys[start : start + many])
            start, many = start + many, 4 * many
        if len(rows) < CANDIDATES and len(keys) == MOST_LOOKED_AT:
            everything = wanted.filters() | {"most": CANDIDATES, "expression": expression}
            rows = self._store.rows(sql.CANDIDATES, everything)
        return [_candidate(row, wanted.product) for row in rows[:CANDIDATES]]

    def _within(self, wanted: Wanted, keys: Sequence[int]) -> list[tuple[Any, ...]]:
        """The rows of those of `keys` that `wanted` lets through, in their order."""
        rows = self._store.rows(sql.WITHIN, wanted.filters() | {"keys": json.dumps(keys)})
        by_key = {row[0]: row for row in rows}
        return [by_key[key] for key in keys if key in by_key]

    def _and_nearest(self, wanted: Wanted, found: list[Candidate]) -> list[Candidate]:
        """`found` with their cosines, and the nearest passages that are not among them."""
        if self._vectors is None:
            return found
        near = self._vectors.nearest(
            wanted.tenant,
            meant(wanted.query),
            NEAREST,
            labels=wanted.labels,
            kinds=wanted.kinds,
            product=wanted.product,
        )
        if near is None:
            return found
        more = sorted(near.found.keys() - {each.key for each in found})
        # Filtered here again: a passage may have changed since its vectors were read.
        found = found + [_candidate(row, wanted.product) for row in self._within(wanted, more)]
        cosines = near.cosines([each.key for each in found])
        return [replace(each, cosine=cosines.get(each.key)) for each in found]

    def _read(self, ranked: Sequence[Ranked], unit: float) -> list[Passage]:
        rows = self._store.rows(sql.PASSAGES, [json.dumps([each.key for each in ranked])])
        read = {row[0]: dict(zip(_FIELDS, row[1:], strict=True)) for row in rows}
        return [
            Passage(
                **read[each.key] | {"labels": json.loads(read[each.key]["labels"])},
                score=each.score / unit,
                coverage=each.coverage,
                cosine=each.cosine,
            )
            for each in ranked
            if each.key in read  # removed between the two reads
        ]


def _candidate(row: tuple[Any, ...], product: str | None) -> Candidate:
    key, document, body, heading, title, path, identity, stated = row
    of_product = product is not None and is_of_product(product, identity, stated)
    return Candidate(key, document, body, heading, title, path, of_product)
