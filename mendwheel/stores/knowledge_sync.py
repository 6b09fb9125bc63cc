"""Keeps documents in step with the folder or file they come from: in order, and resumable.

The cursor is a row for each file that was taken in whole, with the sum of its bytes. A sync that
was interrupted passes over those and goes on with the next; so does one of a folder that did not
change. What has gone from the source goes from the store last, and only when the source was seen
whole: a folder that could not be read looks like one that was emptied.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path

import sqlite_utils

from mendwheel import __version__
from mendwheel.domain.knowledge import Document
from mendwheel.knowledge.reading import Reading
from mendwheel.knowledge.sources import File, Listing, listed
from mendwheel.stores import knowledge_sql as sql
from mendwheel.stores.knowledge_write import delete, put
from mendwheel.stores.store import Store

FEW = 5
"""So many documents may go from a source at once, if any stay; more of them only if most stay."""


class Sync:
    """One delivery for a tenant. Methods may raise `StoreUnavailable`."""

    def __init__(self, store: Store, tenant: str, reading: Reading, *, even_most: bool) -> None:
        """With `even_most` documents go also when most of a source, or all of it, has gone."""
        self._store = store
        self._tenant = tenant
        self._reading = reading
        self._even_most = even_most
        self.written = 0
        self.removed = 0
        self.kept: list[str] = []

    def check(self, source: Path) -> None:
        """Raises FileNotFoundError where `source` is gone, and that is not known to be meant."""
        if source.exists():
            return
        known = len(self._standing(_origin(source)))
        if not known:
            listed(source)
        elif not self._even_most:
            raise FileNotFoundError(
                f"{source} does not exist, and {known} documents were learned from it: bring it "
                "back, or remove them with --remove-missing"
            )

    def run(self, source: Path) -> None:
        """Take in what `source` holds, then remove what was learned from it and has gone.

        `kept` gets a line where that would be most of it, or where not all could be seen.

        Raises:
            FileNotFoundError: as `check`.
        """
        self.check(source)
        origin = _origin(source)
        listing = listed(source) if source.exists() else Listing([], [], whole=True)
        for problem in listing.problems:
            self._reading.leave_out(problem)
        before = self._standing(origin)
        ids: dict[str, set[str]] = {}
        for identity, place in before:
            ids.setdefault(place, set()).add(identity)
        gone: set[tuple[str, str]] = set()
        for file in listing.files:
            gone |= self._file(file, source, origin, ids.get(file.place, set()))
        there = {file.place for file in listing.files}
        gone |= {each for each in before if each[1] not in there}
        now = self._standing(origin)
        gone &= now  # the others stand in another file, or another source has them
        if gone and self._may_go(source, len(gone), len(now), whole=listing.whole):
            self._store.write(lambda db: self._remove(db, origin, gone, there))
            self.removed += len(gone)

    def _file(
        self, file: File, source: Path, origin: str, ids: Collection[str]
    ) -> set[tuple[str, str]]:
        """Take one file in; returns id and place of what it held before and does not hold now."""
        key = [self._tenant, origin, file.place]
        sum_ = _sum(file.path, self._reading.product)
        done = self._store.rows(sql.FILE, key) == [(sum_, len(ids))]
        if done and self._reading.stand(ids, source):
            return set()
        problems = len(self._reading.problems)
        held: set[str] = set()
        documents = _noted(self._reading.documents(file, source), held)
        self.written += put(self._store, self._tenant, documents, (origin, file.place))
        if len(self._reading.problems) > problems:
            return set()  # what could not be read may be what stood there
        row = [*key, sum_, len(held)]
        self._store.write(lambda db: db.execute(sql.NOTE_FILE, row) and None)
        return {(identity, file.place) for identity in set(ids) - held}

    def _may_go(self, source: Path, gone: int, known: int, *, whole: bool) -> bool:
        stay = known - gone
        what = f"{source}: {gone} of {known} documents learned from it are not there now"
        if not whole:
            self.kept.append(f"{what}, and were kept because not all of it could be read")
        elif not self._even_most and (not stay or gone > max(FEW, stay)):
            self.kept.append(f"{what}, and were kept: add --remove-missing if that is meant")
        else:
            return True
        return False

    def _remove(
        self,
        db: sqlite_utils.Database,
        origin: str,
        gone: Collection[tuple[str, str]],
        there: Collection[str],
    ) -> None:
        for identity, _ in gone:
            delete(db, self._tenant, identity)
        for place in {place for _, place in gone if place not in there}:
            db.execute(sql.FORGET_FILE, [self._tenant, origin, place])

    def _standing(self, origin: str) -> set[tuple[str, str]]:
        """Id and place of each document that came from `origin` last."""
        return {(row[0], row[1]) for row in self._store.rows(sql.OF_ORIGIN, [self._tenant, origin])}


def _noted(documents: Iterator[Document], ids: set[str]) -> Iterator[Document]:
    for document in documents:
        ids.add(document.id)
        yield document


def _origin(source: Path) -> str:
    """Links stay as they are: one that is moved on to a new release is still the same source."""
    return os.path.abspath(source)


def _sum(path: Path, product: str | None) -> str:
    """Changes with whatever may change the documents of a file; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            of_bytes = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
    return json.dumps([of_bytes, product, __version__])
