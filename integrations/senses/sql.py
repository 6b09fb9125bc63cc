"""Named SELECT statements of the operator on SQLite files and Postgres.

Three fences: the statement is checked when settings load, the file is opened read-only, and
SQLite's authorizer allows nothing but reading tables. For Postgres: see `postgres`.
"""

import csv
import io
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic import SecretStr

from mendwheel.domain.looking import Database, Query
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.statement import parameters
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import SenseError

WITHIN = 5.0
"""Seconds one statement may take."""
TOTAL = 18.0
BYTES = 1_000_000
"""Of one result, and of one value."""
TIMES = frozenset({"start", "end", "start_epoch", "end_epoch"})
STEPS = 2_000
"""Of SQLite's virtual machine between two looks at the clock."""
_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_REFUSALS = ("prohibited", "not authorized", "one statement")
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit"})


class Rows(NamedTuple):
    """`more`: what was read is not all, because of the limit on rows or on bytes."""

    header: list[str]
    rows: list[tuple[Any, ...]]
    more: bool


class SqlSense:
    """Runs every query whose parameters are known for this ticket."""

    name = "sql"

    def __init__(
        self,
        databases: Sequence[Database],
        queries: Sequence[Query],
        secrets: Mapping[str, SecretStr] | None = None,
    ) -> None:
        self._databases = {each.name: each for each in databases}
        self._queries = list(queries)
        self._secrets = secrets or {}

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """One observation a query; a query that names :component is left out without one."""
        values = bound(ticket, component, window)
        ends = time.monotonic() + TOTAL
        found, failed = [], []
        for query in self._queries:
            if any(values[name] is None for name in parameters(query.statement)):
                continue
            try:
                rows = self.read(query, values, max(0.1, min(WITHIN, ends - time.monotonic())))
            except SenseError as error:
                failed.append(str(error))
                continue
            found.append(
                Observation(
                    title=f"sql {query.name}",
                    media=query.media,
                    text=table(rows),
                    # A statement that binds no time shows what is there now.
                    window=window if TIMES & set(parameters(query.statement)) else None,
                )
            )
        if failed and not found:
            raise SenseError("; ".join(failed)[:500])
        if failed:
            found.append(Observation(title="sql failed", media="missing", text="\n".join(failed)))
        return found

    def read(self, query: Query, values: Mapping[str, Any], within: float = WITHIN) -> Rows:
        """Raises SenseError: not there, not allowed, too slow, or not SQL."""
        database = self._databases[query.database]
        try:
            if database.path is not None:
                return _sqlite(database.path, query, values, within)
            return self._postgres(database, query, values, within)
        except SenseError as error:
            raise SenseError(f"sql {query.name}: {error}") from None

    def _postgres(
        self, database: Database, query: Query, values: Mapping[str, Any], within: float
    ) -> Rows:
        if find_spec("psycopg") is None:
            raise SenseError("the driver is missing: pip install 'mendwheel[postgres]'")
        from mendwheel.integrations.senses.postgres import select

        dsn = self._secrets[database.postgres].get_secret_value()
        named = {name: values[name] for name in parameters(query.statement)}
        return select(dsn, query.statement, named, rows=query.rows, size=BYTES, within=within)

    def check(self, query: Query, within: float = WITHIN) -> None:
        """Whether it could run, without running it. Raises SenseError."""
        values = dict.fromkeys(parameters(query.statement))
        # A comment at its end must not take the bracket along.
        none = f"SELECT * FROM (\n{query.statement}\n) AS checked LIMIT 0"  # noqa: S608  # the operator's
        self.read(query.model_copy(update={"statement": none}), values, within)


def _sqlite(path: Path, query: Query, values: Mapping[str, Any], within: float) -> Rows:
    ends = time.monotonic() + within
    try:
        with closing(connect(path, within)) as db:
            db.set_progress_handler(lambda: time.monotonic() > ends, STEPS)
            return _bounded(db.execute(query.statement, dict(values)), query.rows)
    except sqlite3.Error as error:
        raise SenseError(_told(error, path, within)) from None
    except (sqlite3.Warning, ValueError) as error:
        raise SenseError(f"{error}: write one SELECT") from None


def connect(path: Path, within: float = WITHIN) -> sqlite3.Connection:
    """Raises sqlite3.Error: not there, or no database."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    db = sqlite3.connect(address, uri=True, timeout=max(0.1, within), isolation_level=None)
    db.execute("PRAGMA query_only = ON")
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, BYTES)
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    db.set_authorizer(_authorize)
    return db


def bound(ticket: Ticket, component: str | None, window: Window) -> dict[str, str | int | None]:
    """Every parameter that a statement may name."""
    start, end = window.start.astimezone(UTC), window.end.astimezone(UTC)
    return {
        "component": component,
        "start": _moment(start),
        "end": _moment(end),
        "start_epoch": int(start.timestamp()),
        "end_epoch": int(end.timestamp()),
        "subject": ticket.reporter,
        "tenant": ticket.tenant,
    }


def table(rows: Rows) -> str:
    """CSV with a header; the last line says so if rows were left out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows.header)
    writer.writerows([_cell(value) for value in row] for row in rows.rows)
    if rows.more:
        out.write(f"# the first {len(rows.rows)} rows: there are more\n")
    return out.getvalue()


def _bounded(cursor: sqlite3.Cursor, limit: int) -> Rows:
    header = [column[0] for column in cursor.description or ()]
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in cursor:
        size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
        if len(rows) == limit or size > BYTES:
            return Rows(header, rows, True)
        rows.append(row)
    return Rows(header, rows, False)


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action not in _ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _told(error: sqlite3.Error, path: Path, within: float) -> str:
    if str(error) == "interrupted":
        return f"took longer than {within:.1f} s: narrow it, or add an index"
    if "unable to open" in str(error):
        return f"{path} cannot be opened: correct sql_databases"
    if any(sign in str(error) for sign in _REFUSALS):
        return "does more than read tables: write one SELECT"
    return f"{error}: correct its statement"


def _cell(value: Any) -> Any:
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
