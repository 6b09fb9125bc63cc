"""A real Postgres is only read, in time, and its address stays out of every message."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from mendwheel.domain.looking import Database, Query
from mendwheel.integrations.senses import sql
from mendwheel.integrations.senses.postgres import translated
from mendwheel.integrations.senses.sql import SqlSense
from mendwheel.ports import SenseError
from tests.integrations.sense_site import REPORT, WINDOW, ticket

Looked = Callable[..., str]


def _program(name: str) -> str | None:
    """Debian keeps them off the PATH, in a folder a version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    initdb, server = _program("initdb"), _program("postgres")
    if initdb is None or server is None:
        pytest.skip("there is no Postgres on this machine")
    with TemporaryDirectory(prefix="pg") as name:  # a socket's path has to be short
        folder = Path(name)
        user = _other_user(folder)
        made = [initdb, "-D", f"{name}/data", "-A", "trust", "-U", "owner", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, user=user)
        run = [server, "-D", f"{name}/data", "-k", name, "-c", "listen_addresses=", "-F"]
        process = subprocess.Popen(run, stderr=subprocess.DEVNULL, user=user)
        try:
            dsn = f"host={name} user=owner dbname=postgres password=sesame"
            _filled(dsn)
            yield dsn
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def looked(dsn: str) -> Looked:
    def look(statement: str, component: str | None = "shop", **more: Any) -> str:
        query = Query.model_construct(
            name="q", database="d", statement=statement, media="rows", rows=more.get("rows", 9)
        )
        return "".join(
            seen.text for seen in _sense(dsn, query).observe(ticket(), REPORT, component, WINDOW)
        )

    return look


def _sense(dsn: str, *queries: Query) -> SqlSense:
    database = Database(name="d", postgres="pg")
    return SqlSense([database], list(queries), {"pg": SecretStr(dsn)})


def test_component_and_window_are_bound(looked: Looked) -> None:
    text = looked(
        "SELECT count(*) AS n, max(note) AS note FROM orders WHERE service = :component "
        "AND at BETWEEN :start AND :end AND note LIKE '5%:x'  -- 100 % of :them"
    )
    assert text == "n,note\n1,50%:x\n"


def test_rows_beyond_the_limit_are_left_out_and_it_says_so(looked: Looked) -> None:
    text = looked("SELECT i::int FROM generate_series(1, 5000) AS i", rows=2)
    assert text.splitlines() == ["i", "1", "2", "# the first 2 rows: there are more"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders",
        "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone",
        "SELECT nextval('numbers')",
        "SELECT 1; DELETE FROM orders",
        "SELECT * FROM orders FOR UPDATE",
    ],
)
def test_the_database_itself_refuses_what_slips_past_the_settings(
    looked: Looked, dsn: str, statement: str
) -> None:
    with pytest.raises(SenseError, match="sql q: "):
        looked(statement)
    with psycopg.connect(dsn) as db:
        assert db.execute("SELECT count(*) FROM orders").fetchone() == (2,)
        assert db.execute("SELECT is_called FROM numbers").fetchone() == (False,)


def test_a_slow_statement_is_ended(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "WITHIN", 0.3)
    begun = time.monotonic()
    with pytest.raises(SenseError, match="took longer"):
        looked("SELECT pg_sleep(20)")
    assert time.monotonic() - begun < 3


def test_errors_name_the_way_out_and_never_the_address(dsn: str) -> None:
    query = Query(name="q", database="d", statement="SELECT nothing FROM nowhere")
    with pytest.raises(SenseError) as wrong:
        _sense(dsn, query).read(query, {})
    assert str(wrong.value) == ('sql q: relation "nowhere" does not exist: correct its statement')
    with pytest.raises(SenseError) as away:
        _sense(dsn.replace("host=", "host=/nowhere"), query).read(query, {})
    assert "cannot be reached: correct its secret" in str(away.value)
    assert "nowhere" not in str(away.value)


def test_a_query_is_checked_without_running_it(dsn: str) -> None:
    slow = Query(name="slow", database="d", statement="SELECT pg_sleep(20), :component AS c -- !")
    begun = time.monotonic()
    _sense(dsn, slow).check(slow)
    assert time.monotonic() - begun < 5


def test_only_what_stands_outside_of_quotes_is_a_parameter() -> None:
    assert translated("SELECT a::text, '10% :b' FROM c WHERE d = :end -- :e %") == (
        "SELECT a::text, '10%% :b' FROM c WHERE d = %(end)s -- :e %%"
    )


def _other_user(folder: Path) -> str | None:
    """Postgres does not run as root."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_name


def _filled(dsn: str) -> None:
    for _ in range(200):
        try:
            with psycopg.connect(dsn) as db:
                db.execute("CREATE TABLE orders (service text, at timestamptz, note text)")
                db.execute("CREATE SEQUENCE numbers")
                db.execute(
                    "INSERT INTO orders VALUES ('shop', '2026-05-04T11:30:00Z', '50%:x'), "
                    "('shop', '2026-05-03T11:30:00Z', '51%:x')"
                )
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    pytest.fail("Postgres does not answer")
