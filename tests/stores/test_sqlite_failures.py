"""Promises of the SQLite kernel when the file or the disk fails: what is named, what goes on."""

import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import pytest

from mendwheel.ports import StoreUnavailable
from mendwheel.stores import Store, connection

COUNT = "SELECT count(*) FROM notes"


def insert(text: str) -> Callable[[Any], None]:
    return lambda db: db.execute("INSERT INTO notes VALUES (?)", (text,)) and None


def set_page_limit(store: Store, pages: int) -> None:
    store.write(lambda db: db.execute(f"PRAGMA max_page_count={pages}").fetchall() and None)


def test_store_that_was_never_opened_says_so(tmp_path):
    store = Store(tmp_path / "store.db")
    with pytest.raises(StoreUnavailable, match=r"store\.db is not open"):
        store.write(insert("x"))
    with pytest.raises(StoreUnavailable, match=r"store\.db is not open"):
        store.read()


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


def test_opening_waits_for_a_program_that_is_still_creating_the_file(tmp_path):
    store = Store(tmp_path / "store.db")
    other = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, other.execute, ["ROLLBACK"]).start()
    with store:
        assert store.rows("SELECT count(*) FROM effects") == [(0,)]
    other.close()
