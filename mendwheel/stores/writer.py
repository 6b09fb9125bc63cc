"""One writer at a time in a process: many callers' jobs, one commit.

A commit that is synced costs many times what a job does, so whatever waits is committed together:
the caller whose turn it is writes for all that have come meanwhile. A thread of its own for this
was tried first; handing every job over to it and back cost a ticket more than the writing itself.
Callers do not notice: each job has its own savepoint, and its own result or error.
"""

import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlite_utils

from mendwheel.ports import StoreUnavailable
from mendwheel.stores.connection import unavailable

BATCH = 128
"""Most jobs in one transaction; bounds how long other processes wait for the lock."""


class Job:
    """A call and what came of its commit."""

    __slots__ = ("begun", "call", "done", "durable", "error", "result")

    def __init__(self, call: Callable[[sqlite_utils.Database], Any], durable: bool) -> None:
        self.call = call
        self.durable = durable
        self.begun = False
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None

    def outcome(self) -> Any:
        """The call's result once it is committed, or its error raised."""
        if self.error is None:
            return self.result
        try:
            raise self.error
        finally:
            # The error's traceback holds this frame: without this the two keep each other alive.
            self.error = None


class Writer:
    """Owns the write connection until `stop`."""

    def __init__(self, path: Path, db: sqlite_utils.Database) -> None:
        self._path = path
        self._db = db
        self._connection = db.conn
        self._file = _identity(path)
        self._synchronous = ""
        self._jobs: deque[Job] = deque()
        self._turn = threading.Lock()
        self._leader: int | None = None
        self._stopped = False

    def is_current_thread(self) -> bool:
        """Whether the caller is inside a write job."""
        return threading.get_ident() == self._leader

    def run(self, job: Job) -> bool:
        """Return when `job` is done, by whomever; False when the writer has been stopped."""
        self._jobs.append(job)
        with self._turn:
            if self._stopped:
                return job.done
            self._write_until(lambda: job.done)
        return True

    def stop(self) -> None:
        """Finish what is queued, then close the connection."""
        with self._turn:
            self._write_until(lambda: not self._jobs)
            self._stopped = True
            self._db.close()

    def _write_until(self, enough: Callable[[], bool]) -> None:
        self._leader = threading.get_ident()
        try:
            while not enough():
                self._clear()
                # By number: others append meanwhile, which an iterator would not survive.
                batch = [self._jobs[at] for at in range(min(BATCH, len(self._jobs)))]
                if batch:
                    self._process(batch)
                self._clear()
        finally:
            self._leader = None

    def _clear(self) -> None:
        """Drop what is done from the queue's head.

        A job stays queued until then, so that an interrupt between any two steps loses none: what
        was not begun is written by whoever comes next, and what was begun is said to be unknown.
        """
        while self._jobs and (self._jobs[0].begun or self._jobs[0].done):
            job = self._jobs[0]
            if not job.done:
                job.error = job.error or self._interrupted()
                job.done = True
            self._jobs.popleft()

    def _process(self, batch: list[Job]) -> None:
        try:
            for job in batch:
                job.begun = True
            self._write(batch)
        except BaseException:
            # An exception that another thread raised in this one, or Ctrl-C: it may come anywhere.
            for job in batch:
                job.error = job.error or self._interrupted()
            raise
        finally:
            for job in batch:
                job.done = True

    def _write(self, batch: list[Job]) -> None:
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

    def _begin(self, durable: bool) -> BaseException | None:
        synchronous = "FULL" if durable else "NORMAL"
        try:
            if _identity(self._path) != self._file:
                return StoreUnavailable(
                    f"the store {self._path} was removed or replaced while it was open: "
                    "stop every process that uses it, then start again"
                )
            self._roll_back()  # what an interrupted batch has left, or nobody writes any more
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

    def _interrupted(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"writing to the store {self._path} was interrupted, and whether it was kept is not "
            "known: try again"
        )

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
