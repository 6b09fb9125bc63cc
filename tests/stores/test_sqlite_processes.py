"""Promises of the SQLite kernel to other processes, kept by real ones: shared, killed, migrated."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlite_utils
from sqlite_utils import Migrations

from mendwheel.stores import Store, migrations

Start = Callable[[str, Path, int], list["subprocess.Popen[str]"]]

OPEN = """
import sys
from mendwheel.stores import Store
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
store.open()
"""

ADD = """
def add(db):
    (count,) = db.execute("SELECT count FROM counter").fetchone()
    db.execute("UPDATE counter SET count = ?", (count + 1,))

for number in range(300):
    store.write(add, durable=number % 3 == 0)
store.close()
"""

PAIRS = """
import os, threading

def pairs(worker):
    for number in range(10**6):
        def insert(db):
            for half in "ab":
                db.execute("INSERT INTO pairs VALUES (?, ?, ?)", (worker, number, half))
        store.write(insert, durable=worker == 0)
        os.write(1, f"{worker} {number}\\n".encode())  # in one piece: four threads write here

for worker in range(4):
    threading.Thread(target=pairs, args=(worker,)).start()
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(code, path, count)`: processes that open `path` at one moment and run `code`."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, path: Path, count: int) -> list[subprocess.Popen[str]]:
        command = [sys.executable, "-c", OPEN + code, str(path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        new = [subprocess.Popen(command, **pipes) for _ in range(count)]
        started.extend(new)
        # The import takes longest: they wait for each other after it, not before.
        for process in new:
            assert process.stdout.readline() == "ready\n"
        for process in new:
            process.stdin.write("\n")
            process.stdin.flush()
        return new

    yield start
    for process in started:
        process.kill()
        with process:
            pass


def finish(processes: list[subprocess.Popen[str]]) -> list[int]:
    for process in processes:
        process.communicate(timeout=60)
    return [process.returncode for process in processes]


def test_two_processes_writing_at_once_lose_nothing(tmp_path, start):
    with Store(tmp_path / "store.db") as store:
        store.write(lambda db: db["counter"].insert({"count": 0}) and None)
        assert finish(start(ADD, store.path, 2)) == [0, 0]
        assert store.rows("SELECT count FROM counter") == [(600,)]


def test_processes_that_open_a_new_store_together_all_succeed(tmp_path, start):
    for attempt in range(3):
        path = tmp_path / f"{attempt}.db"
        assert finish(start("store.close()", path, 3)) == [0, 0, 0]
        with Store(path) as store:
            assert store.rows("SELECT count(*) FROM effects") == [(0,)]


def test_killed_writer_leaves_a_readable_store_and_no_half_job(tmp_path, start):
    with Store(tmp_path / "store.db") as store:
        store.write(lambda db: db.execute("CREATE TABLE pairs (worker, number, half)") and None)
    (process,) = start(PAIRS, store.path, 1)
    acknowledged = [process.stdout.readline() for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.communicate(timeout=60)[0].splitlines()
    with store:
        halves = "SELECT worker || ' ' || number, count(*) FROM pairs GROUP BY worker, number"
        found = dict(store.rows(halves))
        assert set(found.values()) == {2}
        assert {line.strip() for line in acknowledged} <= set(found)
        assert store.rows("PRAGMA integrity_check") == [("ok",)]
        store.write(lambda db: db.execute("DELETE FROM pairs") and None)


def test_failed_migration_leaves_nothing_behind(tmp_path, monkeypatch):
    later = Migrations("test")

    @later()
    def half(db: sqlite_utils.Database) -> None:
        db.table("half_done").create({"id": int})
        raise RuntimeError("power cut")

    known = migrations._sets()
    monkeypatch.setattr(migrations, "_sets", lambda: [*known, later])
    store = Store(tmp_path / "store.db")
    with pytest.raises(RuntimeError, match="power cut"):
        store.open()
    assert sqlite_utils.Database(store.path).table_names() == []
    monkeypatch.setattr(migrations, "_sets", lambda: known)
    with store:
        assert store.rows("SELECT count(*) FROM effects") == [(0,)]


def test_opening_an_up_to_date_store_needs_no_write_lock(tmp_path):
    with Store(tmp_path / "store.db") as first:
        other = sqlite_utils.Database(first.path)
        other.conn.execute("BEGIN IMMEDIATE")
        with Store(first.path) as second:
            assert second.rows("SELECT count(*) FROM effects") == [(0,)]
        other.conn.execute("ROLLBACK")
        other.close()
