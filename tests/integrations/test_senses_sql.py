"""SQL only reads: one SELECT, bound values, limits on rows, bytes and time."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mendwheel.domain.looking import Database, Query
from mendwheel.integrations.senses import sql
from mendwheel.integrations.senses.sql import SqlSense
from mendwheel.ports import SenseError
from tests.integrations.sense_site import REPORT, WINDOW, ticket

Looked = Callable[..., str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shop ?#.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE orders (service TEXT, at TEXT, total REAL)")
        db.executemany(
            "INSERT INTO orders VALUES (?, ?, ?)",
            [("shop", f"2026-05-04T11:{minute:02}:00Z", minute) for minute in range(50)]
            + [("shop", "2026-05-03T11:00:00Z", 999), ("o'hara", "2026-05-04T11:30:00Z", 7)],
        )
    db.close()
    return path


@pytest.fixture
def looked(path: Path) -> Looked:
    def look(statement: str, component: str | None = "shop", **more: Any) -> str:
        query = Query(name="q", database="d", statement=statement, **more)
        sense = SqlSense([Database(name="d", path=path)], [query])
        return "".join(seen.text for seen in sense.observe(ticket(), REPORT, component, WINDOW))

    return look


def test_component_and_window_are_bound(looked: Looked) -> None:
    statement = (
        "SELECT count(*) AS n, max(total) AS most FROM orders "
        "WHERE service = :component AND at BETWEEN :start AND :end;"
    )
    assert looked(statement) == "n,most\n50,49.0\n"
    assert looked(statement, "o'hara") == "n,most\n1,7.0\n"


def test_times_as_seconds_reporter_and_tenant_are_bound_too(looked: Looked) -> None:
    statement = "SELECT :end_epoch - :start_epoch AS s, :subject AS who, :tenant AS t"
    assert looked(statement) == "s,who,t\n3600,slack:U1,acme\n"


def test_a_query_about_a_component_is_left_out_without_one(looked: Looked) -> None:
    assert looked("SELECT :component", None) == ""


def test_rows_beyond_the_limit_are_left_out_and_it_says_so(looked: Looked) -> None:
    text = looked("SELECT total FROM orders", rows=3)
    assert text.splitlines() == ["total", "0.0", "1.0", "2.0", "# the first 3 rows: there are more"]


def test_bytes_beyond_the_limit_are_left_out(
    looked: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BYTES", 1000)
    text = looked("SELECT printf('%.*c', 400, 'x') AS x FROM orders")
    assert len(text) < 1000
    assert "there are more" in text


def test_a_value_larger_than_the_limit_is_refused(looked: Looked) -> None:
    with pytest.raises(SenseError, match="too big"):
        looked("SELECT zeroblob(50000000) AS x")


def test_a_statement_that_does_not_end_is_interrupted(
    looked: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "WITHIN", 0.3)
    begun = time.monotonic()
    with pytest.raises(SenseError, match="took longer"):
        looked(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders",
        "INSERT INTO orders VALUES ('a', 'b', 1)",
        "ATTACH DATABASE '/tmp/other.db' AS other",
        "PRAGMA writable_schema = 1",
        "SELECT load_extension('evil')",
        "SELECT 1; SELECT 2",
    ],
)
def test_the_database_itself_refuses_what_slips_past_the_settings(
    path: Path, statement: str
) -> None:
    before = path.read_bytes()
    slipped = Query.model_construct(name="q", database="d", statement=statement, rows=5)
    sense = SqlSense([Database(name="d", path=path)], [slipped])
    with pytest.raises(SenseError, match="write one SELECT"):
        sense.read(slipped, {})
    assert path.read_bytes() == before


def test_one_query_that_fails_leaves_the_others_their_results(path: Path) -> None:
    queries = [
        Query(name="good", database="d", statement="SELECT 1 AS one"),
        Query(name="bad", database="d", statement="SELECT total FROM nowhere"),
    ]
    seen = SqlSense([Database(name="d", path=path)], queries).observe(
        ticket(), REPORT, None, WINDOW
    )
    assert [(each.media, each.text.splitlines()[-1]) for each in seen] == [
        ("rows", "1"),
        ("missing", "sql bad: no such table: nowhere: correct its statement"),
    ]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "gone.db"
    query = Query(name="q", database="d", statement="SELECT 1")
    with pytest.raises(SenseError, match="cannot be opened: correct sql_databases"):
        SqlSense([Database(name="d", path=path)], [query]).observe(ticket(), REPORT, None, WINDOW)
    assert not path.exists()
