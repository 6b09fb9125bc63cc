"""Promises of the SQLite kernel within one process: one writer, group commit, clear failures."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mendwheel.ports import StoreUnavailable
from mendwheel.stores import Store, connection

COUNT = "SELECT count(*) FROM notes"
FULL = 2


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "deep" / "store.db")
    made.open()
    made.write(lambda db: db.execute("CREATE TABLE notes (text)") and None)
    yield made
    made.close()


def insert(text: str) -> Callable[[Any], None]:
    return lambda db: db.execute("INSERT INTO notes VALUES (?)", (text,)) and None


class Held:
    """Keeps the writer busy, so that everything written meanwhile lands in one batch."""

    def __init__(self, store: Store, pool: ThreadPoolExecutor) -> None:
        self._store, self._pool = store, pool
        self._go = threading.Event()
        running = threading.Event()

        def block(_: Any) -> None:
            running.set()
            self._go.wait(10)

        self._blocker = pool.submit(store.write, block)
        assert running.wait(10)

    def write(self, job: Callable[[Any], Any], **options: Any) -> Future[Any]:
        before = self._store._writer._jobs.qsize()
        waiting = self._pool.submit(self._store.write, job, **options)
        while self._store._writer._jobs.qsize() == before:
            time.sleep(0.001)
        return waiting

    def release(self) -> None:
        self._go.set()
        self._blocker.result(10)


@pytest.fixture
def held(store: Store) -> Iterator[Held]:
    with ThreadPoolExecutor(16) as pool:
        yield Held(store, pool)


def test_naming_a_store_creates_nothing(tmp_path):
    Store(tmp_path / "deep" / "store.db")
    assert list(tmp_path.iterdir()) == []


def test_store_stays_open_until_its_last_user_closes_it(store):
    store.open()
    store.close()
    store.write(insert("still here"))
    store.close()
    with pytest.raises(StoreUnavailable, match="not open: call open"):
        store.write(insert("too late"))
    store.close()
    store.open()
    assert store.rows(COUNT) == [(1,)]


def test_store_that_was_never_opened_says_so(tmp_path):
    store = Store(tmp_path / "store.db")
    with pytest.raises(StoreUnavailable, match=r"store\.db is not open"):
        store.write(insert("x"))
    with pytest.raises(StoreUnavailable, match=r"store\.db is not open"):
        store.read()


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


def test_reader_sees_every_commit_and_refuses_to_write(store):
    store.write(insert("a"))
    assert store.rows(COUNT) == [(1,)]
    with pytest.raises(StoreUnavailable, match="may not be written"):
        store.rows("DELETE FROM notes")


def test_readers_do_not_wait_for_a_writer(store, held):
    assert store.rows(COUNT) == [(0,)]
    held.release()


def test_thread_reads_on_after_the_store_was_reopened(store):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(store.rows, COUNT).result(10)
        store.close()
        with pytest.raises(StoreUnavailable):
            pool.submit(store.rows, COUNT).result(10)
        store.open()
        store.write(insert("a"))
        assert pool.submit(store.rows, COUNT).result(10) == [(1,)]


def test_many_threads_lose_no_update(store):
    store.write(insert("0"))

    def add(db: Any) -> None:
        (count,) = db.execute("SELECT text FROM notes").fetchone()
        db.execute("UPDATE notes SET text = ?", (str(int(count) + 1),))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: store.write(add), range(400)))
    assert store.rows("SELECT text FROM notes") == [("400",)]


def set_page_limit(store: Store, pages: int) -> None:
    store.write(lambda db: db.execute(f"PRAGMA max_page_count={pages}").fetchall() and None)


def test_full_disk_is_named_and_writing_goes_on_when_there_is_room(store):
    set_page_limit(store, 1)  # SQLite takes this as: not one page more than there are
    with pytest.raises(StoreUnavailable, match=r"store\.db failed .*free some space"):
        store.write(insert("x" * 100_000), durable=True)
    assert store.rows(COUNT) == [(0,)]
    set_page_limit(store, 100_000)
    store.write(insert("x" * 100_000), durable=True)
    assert store.rows(COUNT) == [(1,)]


def test_full_disk_fails_only_the_jobs_that_do_not_fit(store, held):
    def shrink(db: Any) -> None:
        db.execute("PRAGMA max_page_count=1").fetchall()

    jobs = [shrink, insert("small"), insert("x" * 100_000), insert("small")]
    _, small, big, other = [held.write(job) for job in jobs]
    held.release()
    assert (small.result(10), other.result(10)) == (None, None)
    with pytest.raises(StoreUnavailable, match="free some space"):
        big.result(10)
    assert store.rows("SELECT text FROM notes") == [("small",), ("small",)]


def test_file_that_is_no_database_is_named_and_left_alone(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, this is not a database. " * 100)
    store = Store(path)
    with pytest.raises(StoreUnavailable, match=r"letter\.txt.*give another path"):
        store.open()
    assert path.read_text().startswith("Dear all")
    path.unlink()
    store.open()
    store.close()


def test_damaged_file_is_named(store):
    with store:
        for number in range(200):
            store.write(insert(f"{number}" * 200))
    store.close()
    content = store.path.read_bytes()
    store.path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))

    def open_and_read() -> None:
        store.open()
        store.rows("SELECT * FROM notes")

    with pytest.raises(StoreUnavailable, match=r"store\.db .*restore a backup"):
        open_and_read()


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match=r"file/store\.db"):
        Store(tmp_path / "file" / "store.db").open()
    with pytest.raises(StoreUnavailable, match="its folder exists"):
        Store(tmp_path).open()


def test_nothing_is_written_to_a_file_that_was_deleted(store):
    store.path.unlink()
    with pytest.raises(StoreUnavailable, match="removed or replaced while it was open"):
        store.write(insert("lost"))
    store.close()
    store.open()
    store.write(lambda db: db.execute("CREATE TABLE notes (text)") and None)


def test_store_that_another_program_holds_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    with Store(tmp_path / "store.db") as store:
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another process has held it"):
            store.write(lambda db: None)
        other.execute("ROLLBACK")
        other.close()
        store.write(lambda db: None)
