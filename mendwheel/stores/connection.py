"""One SQLite connection with the store's settings, and what its errors mean to a person.

WAL lets readers go on while one process writes; the busy timeout makes processes wait for each
other instead of failing.
"""

import sqlite3
import time
from pathlib import Path

import sqlite_utils

from mendwheel.ports import StoreUnavailable

BUSY_SECONDS = 5.0
"""How long a process waits for another one's write before it gives up."""

_WAL_BYTES = 64 * 1024 * 1024

_WAYS_OUT = {
    sqlite3.SQLITE_BUSY: f"another process has held it for over {BUSY_SECONDS:.0f} s: "
    "stop that process or try again",
    sqlite3.SQLITE_LOCKED: "another connection has locked it: try again",
    sqlite3.SQLITE_FULL: "the disk is full: free some space and try again",
    sqlite3.SQLITE_READONLY: "it may not be written: check the rights of the file and its folder",
    sqlite3.SQLITE_PERM: "access was refused: check the rights of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that its folder exists and may be written",
    sqlite3.SQLITE_IOERR: "the disk reported an error: check the disk and try again",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore a backup or move it away to start a new one",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite database: give another path or move the file away",
}


def connect(path: Path, *, writable: bool) -> sqlite_utils.Database:
    """A connection to the file at `path`; one that is not `writable` refuses every write.

    Raises:
        sqlite3.Error: see `unavailable`.
    """
    # Autocommit: the only transactions are the ones the writer begins itself.
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        db = sqlite_utils.Database(connection)
        if writable:
            _switch_to_wal(connection)
            connection.execute(f"PRAGMA journal_size_limit={_WAL_BYTES}")
            # What was deleted is overwritten: a forgotten text must not lie in free pages.
            connection.execute("PRAGMA secure_delete=1")
        else:
            connection.execute("PRAGMA query_only=1")
    except BaseException:
        connection.close()
        raise
    return db


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not call its busy handler for this switch, so two processes that open a new
    # file together would otherwise fail at once.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def primary_code(error: BaseException) -> int:
    """SQLite's primary result code of `error`; 0 when it carries none."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def unavailable(path: Path, error: sqlite3.Error) -> StoreUnavailable | None:
    """`error` as the store's own error, or None when the store is well and the job was wrong."""
    broken = (sqlite3.OperationalError, sqlite3.InternalError)
    if not isinstance(error, broken) and type(error) is not sqlite3.DatabaseError:
        return None
    way_out = _WAYS_OUT.get(
        primary_code(error), "check that it is a Mendwheel store made by this version or an older"
    )
    return StoreUnavailable(f"the store {path} failed ({error}): {way_out}")
