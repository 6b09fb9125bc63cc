"""The vectors of one tenant in memory, scanned exactly: filters first, then cosines.

A passage has a vector for each of its windows. All passages are compared by the mean of theirs, and
the best of them again by their best window: as good as comparing all windows, at a third of the
memory that has to be read.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mendwheel.knowledge.rank import is_of_product

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]

CLOSER = 300
"""Passages that are compared window by window."""


@dataclass(frozen=True)
class Scope:
    """Who may see a document and when it is meant; few of them are shared by many passages."""

    kind: str
    labels: tuple[str, ...]
    product: str | None
    folder: str

    def seen_with(self, labels: Collection[str], kinds: Collection[str]) -> bool:
        allowed = not self.labels or any(label in labels for label in self.labels)
        return allowed and (not kinds or self.kind in kinds)

    def is_of(self, product: str) -> bool:
        return is_of_product(product, f"{self.folder}/", self.product)


@dataclass(frozen=True)
class Index:
    """An immutable picture: `means` is (n, d); window rows of passage i are at `starts[i]`."""

    keys: Ints
    passages: Ints
    scopes: Ints
    means: Floats
    windows: NDArray[np.float16]
    starts: Ints
    counts: Ints
    known: tuple[Scope, ...] = field(default=())

    def nearest(
        self,
        vector: Floats,
        most: int,
        *,
        labels: Collection[str] = (),
        kinds: Collection[str] = (),
        product: str | None = None,
    ) -> dict[int, float]:
        """Passage → cosine (-1..1) of the nearest ones, and of as many of `product`'s."""
        seen = np.array([scope.seen_with(labels, kinds) for scope in self.known], bool)
        # Not `@`: the threads it starts wait in a loop, on cores that others need.
        rough = np.vecdot(self.means, vector)
        if not seen.all():
            rough[~seen[self.scopes]] = -np.inf
        found = self._closer(vector, rough, most)
        if product is not None:
            own = seen & np.array([scope.is_of(product) for scope in self.known], bool)
            if own.any() and not own.all():
                rough[~own[self.scopes]] = -np.inf
                found |= self._closer(vector, rough, most)
        return found

    def cosines(self, vector: Floats, passages: Collection[int]) -> dict[int, float]:
        """Passage → cosine, for those of `passages` that have vectors."""
        sought = np.fromiter(passages, np.int64)
        places = np.searchsorted(self.passages, sought, sorter=self._in_order)
        rows = self._in_order[np.minimum(places, len(self._in_order) - 1)]
        rows = rows[self.passages[rows] == sought]
        return dict(zip(self.passages[rows].tolist(), self._best(vector, rows), strict=True))

    @cached_property
    def _in_order(self) -> Ints:
        """Rows in order of their passages."""
        return np.argsort(self.passages)

    def _closer(self, vector: Floats, rough: Floats, most: int) -> dict[int, float]:
        many = min(CLOSER, len(rough))
        rows = np.argpartition(-rough, many - 1)[:many]
        rows = rows[np.isfinite(rough[rows])]
        best = self._best(vector, rows)
        order = sorted(range(len(rows)), key=lambda at: -best[at])[:most]
        return {int(self.passages[rows[at]]): best[at] for at in order}

    def _best(self, vector: Floats, rows: Ints) -> list[float]:
        """The best window's cosine of each row."""
        if not len(rows):
            return []
        counts = self.counts[rows]
        ends = np.cumsum(counts)
        steps = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
        taken = self.windows[np.repeat(self.starts[rows], counts) + steps].astype(np.float32)
        best: list[float] = np.maximum.reduceat(np.vecdot(taken, vector), ends - counts).tolist()
        return best


def empty() -> Index:
    none = np.zeros(0, np.int64)
    return Index(
        none, none, none, np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float16), none, none
    )


def grown(index: Index, rows: Sequence[tuple[Any, ...]]) -> Index:
    """`index` and the rows of `vector_sql.LOAD`."""
    if not rows:
        return index
    width = len(rows[0][3]) // rows[0][2]
    if len(index.keys):
        width = index.windows.shape[1] * index.windows.itemsize
    rows = [row for row in rows if len(row[3]) == width * row[2]]  # others cannot be compared
    if not rows:
        return index
    known = {scope: number for number, scope in enumerate(index.known)}
    scopes = [known.setdefault(_scope(*row[4:]), len(known)) for row in rows]
    counts = np.array([row[2] for row in rows], np.int64)
    windows = np.frombuffer(b"".join(row[3] for row in rows), np.float16)
    windows = windows.reshape(int(counts.sum()), -1)
    ends = np.cumsum(counts)
    means = np.add.reduceat(windows.astype(np.float32), ends - counts)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    if not len(index.keys):
        index = Index(
            *(index.keys, index.passages, index.scopes, means[:0], windows[:0]),
            *(index.starts, index.counts),
        )
    return Index(
        np.concatenate([index.keys, np.array([row[0] for row in rows], np.int64)]),
        np.concatenate([index.passages, np.array([row[1] for row in rows], np.int64)]),
        np.concatenate([index.scopes, np.array(scopes, np.int64)]),
        np.concatenate([index.means, means]),
        np.concatenate([index.windows, windows]),
        np.concatenate([index.starts, ends - counts + len(index.windows)]),
        np.concatenate([index.counts, counts]),
        tuple(known),
    )


def kept(index: Index, keys: Collection[int]) -> Index:
    """`index` without the rows that are not among `keys`. Their windows stay until a restart."""
    stay = np.isin(index.keys, np.fromiter(keys, np.int64, len(keys)))
    return Index(
        index.keys[stay],
        index.passages[stay],
        index.scopes[stay],
        index.means[stay],
        index.windows,
        index.starts[stay],
        index.counts[stay],
        index.known,
    )


def _scope(kind: str, labels: str, product: str | None, identity: str) -> Scope:
    cut = max(identity.rfind("/"), identity.rfind(":"))
    folder = identity[:cut] if cut >= 0 else ""
    return Scope(kind, tuple(json.loads(labels)), product, folder)
