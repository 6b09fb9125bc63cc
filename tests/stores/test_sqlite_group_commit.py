"""Promises of the SQLite kernel to those who write together: one commit, each its own result."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

COUNT = "SELECT count(*) FROM notes"
FULL = 2
REPLIES = """
CREATE TABLE replies (
    id INTEGER PRIMARY KEY,
    note REFERENCES replies (id) DEFERRABLE INITIALLY DEFERRED
)
"""


def insert(text: str) -> Callable[[Any], None]:
    return lambda db: db.execute("INSERT INTO notes VALUES (?)", (text,)) and None


def test_closing_commits_what_is_queued(store, held):
    waiting = [held.write(insert(str(number))) for number in range(10)]
    closing = threading.Thread(target=store.close)
    closing.start()
    held.release()
    closing.join(10)
    assert [each.result(10) for each in waiting] == [None] * 10
    store.open()
    assert store.rows(COUNT) == [(10,)]


def test_group_commit_isolates_a_failing_job(store, held):
    statements: list[str] = []
    store._writer._connection.set_trace_callback(statements.append)

    def fail(db: Any) -> None:
        insert("undone")(db)
        raise KeyError("mine alone")

    good = [held.write(insert("a")), held.write(insert("b"))]
    bad = held.write(fail)
    good.append(held.write(insert("c")))
    held.release()
    assert [each.result(10) for each in good] == [None] * 3
    with pytest.raises(KeyError, match="mine alone"):
        bad.result(10)
    assert store.rows("SELECT text FROM notes ORDER BY rowid") == [("a",), ("b",), ("c",)]
    # The blocker's, and one for the four that waited.
    assert statements.count("COMMIT") == 2


def test_failing_job_on_its_own_is_undone(store):
    def fail(db: Any) -> None:
        insert("undone")(db)
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        store.write(fail)
    store.write(insert("kept"))
    assert store.rows("SELECT text FROM notes") == [("kept",)]


def test_job_that_only_fails_at_the_commit_takes_nobody_with_it(store, held):
    def dangle(db: Any) -> None:
        db.execute("INSERT INTO replies (note) VALUES (99)")

    held.release()
    store.write(lambda db: db.execute(REPLIES) and None)
    # Has no effect inside a transaction, so it cannot be a job.
    store._writer._connection.execute("PRAGMA foreign_keys=ON")
    held.hold()
    good, bad = held.write(insert("kept")), held.write(dangle)
    held.release()
    assert good.result(10) is None
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        bad.result(10)
    store.write(insert("later"))
    assert store.rows("SELECT text FROM notes") == [("kept",), ("later",)]


def test_wrong_data_is_the_jobs_own_error_and_not_the_stores(store):
    store.write(lambda db: db.execute("CREATE UNIQUE INDEX once ON notes (text)") and None)
    store.write(insert("a"))
    with pytest.raises(sqlite3.IntegrityError):
        store.write(insert("a"))


def test_batch_with_one_durable_job_is_synced_and_others_are_not(store, held):
    def synchronous(db: Any) -> int:
        return db.execute("PRAGMA synchronous").fetchone()[0]

    light, durable = held.write(synchronous), held.write(synchronous, durable=True)
    held.release()
    assert (light.result(10), durable.result(10)) == (FULL, FULL)
    assert store.write(synchronous) == FULL - 1
    assert store.write(synchronous, durable=True) == FULL


def test_write_inside_a_write_is_refused_instead_of_waiting_for_itself(store):
    for action in (lambda: store.write(insert("x")), store.open, store.close):
        with pytest.raises(RuntimeError, match="inside a write job"):
            store.write(lambda _, action=action: action())
    store.write(insert("still works"))


def test_many_threads_lose_no_update(store):
    store.write(insert("0"))

    def add(db: Any) -> None:
        (count,) = db.execute("SELECT text FROM notes").fetchone()
        db.execute("UPDATE notes SET text = ?", (str(int(count) + 1),))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: store.write(add), range(400)))
    assert store.rows("SELECT text FROM notes") == [("400",)]
