"""Promises of the SQLite kernel about its life in one process: opened, read by many, closed."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mendwheel.ports import StoreUnavailable
from mendwheel.stores import Store
from mendwheel.stores.writer import Job

COUNT = "SELECT count(*) FROM notes"


def insert(text: str) -> Callable[[Any], None]:
    return lambda db: db.execute("INSERT INTO notes VALUES (?)", (text,)) and None


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


def test_reader_sees_every_commit_and_refuses_to_write(store):
    store.write(insert("a"))
    assert store.rows(COUNT) == [(1,)]
    with pytest.raises(StoreUnavailable, match="may not be written"):
        store.rows("DELETE FROM notes")


def test_long_read_neither_stops_a_writer_nor_sees_its_writes(store):
    reader = store.read()
    reader.execute("BEGIN")
    assert store.rows(COUNT) == [(0,)]
    store.write(insert("meanwhile"))
    assert store.rows(COUNT) == [(0,)]
    reader.execute("COMMIT")
    assert store.rows(COUNT) == [(1,)]


def test_thread_that_read_before_a_restore_reads_the_restored_file(store):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(store.rows, COUNT).result(10)
        store.close()
        with pytest.raises(StoreUnavailable):
            pool.submit(store.rows, COUNT).result(10)
        backup = sqlite3.connect(store.path.with_name("backup.db"))
        backup.execute("CREATE TABLE notes AS SELECT 'restored' AS text")
        backup.commit()
        backup.close()
        store.path.with_name("backup.db").replace(store.path)
        store.open()
        assert pool.submit(store.rows, "SELECT text FROM notes").result(10) == [("restored",)]


def test_closed_store_is_one_file_whoever_has_read_it(store):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(store.rows, COUNT).result(10)
        store.write(insert("a"))
        store.close()
        assert [each.name for each in store.path.parent.iterdir()] == ["store.db"]


def test_closing_waits_for_a_query_that_is_under_way(store):
    long = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000)"
        " SELECT sum(i) FROM n"
    )
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(store.rows, long)
        time.sleep(0.05)
        store.close()
        assert slow.result(10) == [(500_000_500_000,)]


def test_closing_under_load_answers_everybody(store):
    def work(number: int) -> int:
        written = 0
        try:
            while True:
                store.write(insert(str(number)))
                written += 1
                assert store.rows(COUNT)[0][0] >= written
        except StoreUnavailable:
            return written

    expected = 0
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            working = [pool.submit(work, number) for number in range(8)]
            time.sleep(0.01)
            store.close()
            expected += sum(each.result(10) for each in working)
            store.open()
    assert store.rows(COUNT) == [(expected,)]


def test_who_comes_just_after_the_close_is_turned_away(store):
    writer, readers = store._writer, store._readers
    reader = readers.mine()
    store.close()
    assert not writer.run(Job(lambda db: None, False))
    assert reader.rows("SELECT 1", ()) is None
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(readers.mine).result(10) is None
