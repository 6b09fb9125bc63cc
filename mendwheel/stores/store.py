"""The suite's memory in one SQLite file that any process may write.

Every change goes through `Store.write`, so that there is one writer a process, one transaction a
batch, and one place that knows what an SQLite error means.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlite_utils

from mendwheel.ports import StoreUnavailable
from mendwheel.stores.connection import connect, unavailable
from mendwheel.stores.migrations import migrate
from mendwheel.stores.readers import Reader, Readers
from mendwheel.stores.writer import Job, Writer

T = TypeVar("T")


class Store:
    """A file that may be opened many times in one process, by many threads and processes.

    Every method but the constructor raises `StoreUnavailable` when the file cannot be used; the
    message names the file and the way out.
    """

    def __init__(self, path: str | Path) -> None:
        """Remembers `path`; opens and creates nothing."""
        self.path = Path(path).absolute()
        self._opened = 0
        self._lifecycle = threading.Lock()
        self._writer: Writer | None = None
        self._readers: Readers | None = None

    def open(self) -> None:
        """Count one more user; the first one creates the folder, connects and migrates."""
        self._refuse_in_a_job("open")
        with self._lifecycle:
            if self._opened == 0:
                self._writer = self._connect()
                self._readers = Readers(self.path)
            self._opened += 1

    def close(self) -> None:
        """Count one user less; the last one waits until everything queued is committed."""
        self._refuse_in_a_job("close")
        with self._lifecycle:
            if self._opened == 0:
                return
            self._opened -= 1
            if self._opened > 0 or self._writer is None or self._readers is None:
                return
            writer, self._writer = self._writer, None
            readers, self._readers = self._readers, None
            readers.close()
            # Last, so that SQLite folds the write-ahead log into the file.
            writer.stop()

    def __enter__(self) -> "Store":
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, job: Callable[[sqlite_utils.Database], T], *, durable: bool = False) -> T:
        """Run `job` when it is its turn and return its result once it is committed.

        `job` uses the database it is given and nothing else: no I/O, no commit of its own. It may
        run twice when its first transaction was lost. An exception undoes this job alone. With
        `durable` the commit survives a power cut; without, it survives a crash of the process.
        """
        self._refuse_in_a_job("write")
        writer = self._writer
        waiting = Job(job, durable)
        if writer is None or not writer.run(waiting):
            raise self._not_open()
        return cast(T, waiting.outcome())

    def checkpoint(self) -> bool:
        """Fold the write-ahead log into the file and cut it off; False: a reader is in the way."""
        self._refuse_in_a_job("checkpoint")
        if self._writer is None:
            raise self._not_open()
        try:
            db = connect(self.path, writable=True)
            try:
                busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                db.close()
        except sqlite3.Error as error:
            raise unavailable(self.path, error) or error from error
        return not busy

    def read(self) -> sqlite_utils.Database:
        """This thread's own connection: it sees every commit so far and refuses to write.

        Prefer `rows`. Whoever keeps the connection must be done with it before the last `close`.
        """
        return self._reader().db

    def rows(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a query on `read`, with SQLite's errors made clear."""
        try:
            found = self._reader().rows(sql, parameters)
        except sqlite3.Error as error:
            raise unavailable(self.path, error) or error from error
        if found is None:
            raise self._not_open()
        return found

    def _reader(self) -> Reader:
        readers = self._readers
        try:
            reader = readers.mine() if readers else None
        except sqlite3.Error as error:
            raise unavailable(self.path, error) or error from error
        if reader is None:
            raise self._not_open()
        return reader

    def _connect(self) -> Writer:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = connect(self.path, writable=True)
            try:
                migrate(db)
            except BaseException:
                db.close()
                raise
        except sqlite3.Error as error:
            raise unavailable(self.path, error) or error from error
        except OSError as error:
            raise StoreUnavailable(
                f"the store {self.path} cannot be created ({error}): give another path"
            ) from error
        return Writer(self.path, db)

    def _refuse_in_a_job(self, action: str) -> None:
        writer = self._writer
        if writer is not None and writer.is_current_thread():
            raise RuntimeError(
                f"Store.{action} was called inside a write job and would wait for itself: "
                "use the database the job was given"
            )

    def _not_open(self) -> StoreUnavailable:
        return StoreUnavailable(f"the store {self.path} is not open: call open() first")
