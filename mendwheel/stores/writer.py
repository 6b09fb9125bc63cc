"""The one thread of a process that writes: many callers' jobs, one commit.

A commit that is synced costs many times what a job does, so whatever waits is committed together.
Callers do not notice: each job has its own savepoint, and its own result or error.
"""

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlite_utils

from mendwheel.ports import StoreUnavailable
from mendwheel.stores.connection import unavailable

BATCH = 128
"""Most jobs in one transaction; bounds how long other processes wait for the lock."""


class Job:
    """A call that waits for its commit. Cheaper than a Future: one lock, no condition."""

    __slots__ = ("_finished", "call", "durable", "error", "result")

    def __init__(self, call: Callable[[sqlite_utils.Database], Any], durable: bool) -> None:
        self.call = call
        self.durable = durable
        self.result: Any = None
        self.error: BaseException | None = None
        self._finished = threading.Lock()
        self._finished.acquire()

    def finish(self) -> None:
        self._finished.release()

    def wait(self) -> Any:
        """The call's result once it is committed, or its error raised."""
        self._finished.acquire()
        if self.error is None:
            return self.result
        try:
            raise self.error
        finally:
            # The error's traceback holds this frame: without this the two keep each other alive.
            self.error = None


class Writer:
    """Owns the write connection from `start` to `stop`."""

    def __init__(self, path: Path, db: sqlite_utils.Database) -> None:
        self._path = path
        self._db = db
        self._connection = db.conn
        self._file = _identity(path)
        self._synchronous = ""
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._stopped = False
        # Daemon: a process that forgets to close still ends; what was promised is committed.
        self._thread = threading.Thread(target=self._loop, name="store-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_current_thread(self) -> bool:
        return threading.get_ident() == self._thread.ident

    def submit(self, job: Job) -> bool:
        """Queue `job`; False when the writer has been stopped."""
        with self._gate:
            if not self._stopped:
                self._jobs.put(job)
            return not self._stopped

    def stop(self) -> None:
        """Finish what is queued, then close the connection."""
        with self._gate:
            self._stopped = True
            self._jobs.put(None)
        self._thread.join()

    def _loop(self) -> None:
        open_for_more = True
        while open_for_more:
            batch: list[Job] = []
            item = self._jobs.get()
            while item is not None:
                batch.append(item)
                if len(batch) == BATCH or self._jobs.empty():
                    break
                item = self._jobs.get()
            open_for_more = item is not None
            if batch:
                self._process(batch)
        self._db.close()

    def _process(self, batch: list[Job]) -> None:
        failure = self._begin(any(job.durable for job in batch))
        if failure is not None:
            for job in batch:
                job.error = failure
        elif len(batch) == 1:
            self._alone(batch[0])
        elif not self._together(batch):
            # A full disk may take down the whole transaction: find out whose jobs still fit.
            for job in batch:
                job.error = self._begin(job.durable)
                if job.error is None:
                    self._alone(job)
        for job in batch:
            job.finish()

    def _begin(self, durable: bool) -> BaseException | None:
        synchronous = "FULL" if durable else "NORMAL"
        try:
            if _identity(self._path) != self._file:
                return StoreUnavailable(
                    f"the store {self._path} was removed or replaced while it was open: "
                    "stop every process that uses it, then start again"
                )
            if synchronous != self._synchronous:
                self._connection.execute(f"PRAGMA synchronous={synchronous}")
                self._synchronous = synchronous
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return self._translated(error)
        return None

    def _alone(self, job: Job) -> None:
        """Run `job` in the transaction that was begun for it, and commit."""
        try:
            job.result = job.call(self._db)
            self._connection.execute("COMMIT")
        except BaseException as error:  # delivered to the caller, whatever it is
            job.error = self._translated(error)
            self._roll_back()

    def _together(self, batch: list[Job]) -> bool:
        """Run `batch` in one transaction. False: nothing of it was kept, and nobody was told."""
        try:
            for job in batch:
                self._connection.execute("SAVEPOINT job")
                try:
                    job.result = job.call(self._db)
                except BaseException as error:  # delivered to the caller, whatever it is
                    job.error = self._translated(error)
                    self._connection.execute("ROLLBACK TO job")
                self._connection.execute("RELEASE job")
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._roll_back()
            return False
        return True

    def _roll_back(self) -> None:
        # SQLite has often rolled back by itself by now (disk full, I/O error).
        # If even this fails, the next BEGIN says so to the callers of that batch.
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _translated(self, error: BaseException) -> BaseException:
        if not isinstance(error, sqlite3.Error):
            return error
        failure = unavailable(self._path, error)
        if failure is None:
            return error
        failure.__cause__ = error
        return failure


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`: what is written to a deleted file would be lost in silence."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
