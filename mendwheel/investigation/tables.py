"""Reads CSV-like tables and recognises each column by what it means, not by its position."""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache

from mendwheel.investigation.vocabulary import plain_words

ROW_LIMIT = 20_000
_DELIMITERS = "\t,;|"
_ROLES: dict[str, frozenset[str]] = {
    "time": frozenset({"time", "timestamp", "ts", "date", "datetime", "when"}),
    "caller": frozenset({"caller", "source", "src", "from", "parent", "client"}),
    "callee": frozenset({"callee", "destination", "dest", "dst", "to", "child", "server"}),
    "edge": frozenset({"caller callee", "edge", "link", "call", "source destination"}),
    "component": frozenset(
        ["service", "node", "component", "pod", "app", "application", "host", "instance"]
    )
    | {"container", "workload", "system", "resource", "service name", "pod name", "cmdb id"},
    "metric": frozenset({"metric", "metric name", "measure", "kpi", "kpi name", "signal", "name"}),
    "value": frozenset({"value", "val", "reading", "measurement"}),
    "statistic": frozenset({"statistic", "stat", "aggregation"}),
    "operation": frozenset({"operation", "endpoint", "span", "route", "method"}),
    "message": frozenset({"message", "msg", "template", "log", "text", "line", "event"}),
}
_BEFORE_WORDS = """
before normal baseline previous prior expected usual pre reference
"""
_BEFORE = frozenset(_BEFORE_WORDS.split())
_DURING_WORDS = """
now during after current incident anomaly anomalous post observed
"""
_DURING = frozenset(_DURING_WORDS.split())
_SPREAD_WORDS = """
std stddev sd deviation sigma mad
"""
_SPREAD = frozenset(_SPREAD_WORDS.split())
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


@dataclass(slots=True, frozen=True)
class Column:
    """`role` is one of the known roles, `before`, `during`, `spread`, `moment` or `measure`.

    `measure` is the column's name without the words that only say when.
    """

    role: str
    measure: str


@dataclass(slots=True)
class Table:
    """A header and its rows; `lines` are the raw rows, for quoting."""

    header: list[str]
    columns: list[Column]
    rows: list[list[str]]
    lines: list[str]

    def place(self, role: str) -> int | None:
        """Index of the first column with this role."""
        return next((i for i, c in enumerate(self.columns) if c.role == role), None)


@lru_cache(maxsize=4096)
def column_of(name: str) -> Column:
    """What a column's name says it holds."""
    name = name.strip()
    if _NUMBER.match(name):
        return Column("moment", name)
    words = plain_words(name)
    for role, names in _ROLES.items():
        if words in names:
            return Column(role, words)
    parts = words.split()
    rest = " ".join(p for p in parts if p not in _BEFORE | _DURING)
    if _BEFORE & set(parts):
        return Column("spread" if _SPREAD & set(parts) else "before", rest)
    if _DURING & set(parts):
        return Column("during", rest)
    return Column("measure", name)


def read_table(text: str) -> Table | None:
    """The table in `text`, or None when it is not one (a header and at least one even row)."""
    lines = [line for line in text.splitlines()[: ROW_LIMIT + 1] if line.strip()]
    if len(lines) < 2 or len(lines[0]) > 5000 or lines[0].lstrip()[:1] in "{[":
        return None
    delimiter = max(_DELIMITERS, key=lines[0].count)
    width = lines[0].count(delimiter) + 1
    sample = lines[1:9]
    even = sum(line.count(delimiter) + 1 >= width for line in sample)
    if width < 2 or even * 2 < len(sample):
        return None
    try:
        header, *rows = csv.reader(lines, delimiter=delimiter)
    except (csv.Error, ValueError):
        return None
    columns = [column_of(cell[:200]) for cell in header]
    if not any(c.role not in ("measure", "moment") for c in columns) or len(rows) > len(lines) - 1:
        return None
    if len(rows) < len(lines) - 1:  # a quoted field ran over lines: raw lines no longer match
        return Table(header, columns, rows, [delimiter.join(row) for row in rows])
    return Table(header, columns, rows, lines[1:])


def number(cell: str) -> float | None:
    """A finite number from a cell, units and percent sign removed; None when there is none."""
    try:
        value = float(cell)
    except ValueError:
        try:
            value = float(cell.strip().rstrip("%msMKGiB ").replace(",", ""))
        except ValueError:
            return None
    return value if -1e100 < value < 1e100 else None
