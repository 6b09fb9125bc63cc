"""The read connections of one process: one a thread, all closed together.

They must close before the writer does. A connection that outlives it keeps the write-ahead log
from being folded in, and would later delete the log of a file that was put in its place.
"""

import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlite_utils

from mendwheel.stores.connection import connect


class Reader:
    """One thread's connection; the lock keeps it from being closed in the middle of a query."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self.db = db
        self._lock = threading.Lock()
        self._closed = False

    def rows(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any]
    ) -> list[tuple[Any, ...]] | None:
        """All rows, or None when the connection has been closed. Raises sqlite3.Error."""
        with self._lock:
            return None if self._closed else self.db.execute(sql, parameters).fetchall()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self.db.close()

    def __del__(self) -> None:
        # Its thread has ended, and nobody else ever uses it.
        self.db.close()


class Readers:
    """Hands each thread its reader until `close`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()
        self._all: weakref.WeakSet[Reader] = weakref.WeakSet()
        self._gate = threading.Lock()
        self._closed = False

    def mine(self) -> Reader | None:
        """This thread's reader, or None when all were closed. Raises sqlite3.Error."""
        reader: Reader | None = getattr(self._mine, "reader", None)
        if reader is None:
            with self._gate:
                if self._closed:
                    return None
                reader = Reader(connect(self._path, writable=False))
                self._all.add(reader)
            self._mine.reader = reader
        return reader

    def close(self) -> None:
        """Close every thread's reader, each after the query it is in."""
        with self._gate:
            self._closed = True
            readers = list(self._all)
        for reader in readers:
            reader.close()
