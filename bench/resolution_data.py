"""The labelled tickets of a bench: read in place, kept apart from what the software gets to see.

The software reads `BatchTicket`s, which drop every label unread; the labels stay with the scorer.
"""

import hashlib
import importlib.util
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from mendwheel.batch.tickets import BatchTicket

KINDS = ("consulting", "anomaly")
"""`dev/KIND.jsonl` holds tickets, `kb_KIND.jsonl` what they may be looked up in."""

Labelled = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What a run measures, from the environment: DATA, LIMIT, SOURCES, MODEL_URL."""

    data: Path
    limit: int | None = None
    sources: frozenset[str] = field(default_factory=frozenset)
    model_url: str = ""

    @classmethod
    def from_environment(cls) -> "Wanted":
        """Raises SystemExit: one line that names what is missing or wrong."""
        given = {name: os.environ.get(name, "").strip() for name in _NAMES}
        data = Path(given["DATA"])
        if not given["DATA"] or not (data / "score.py").is_file():
            raise SystemExit(
                f"DATA={given['DATA']!r} holds no score.py: make bench NAME=resolution DATA=DIR, "
                "where DIR holds dev/*.jsonl, kb_*.jsonl and score.py"
            )
        limit = given["LIMIT"]
        if limit and not (limit.isdigit() and int(limit)):
            raise SystemExit(f"LIMIT={limit!r} is not a number of tickets a source: give 20")
        named = frozenset(name.strip() for name in given["SOURCES"].split(",") if name.strip())
        return cls(data, int(limit) if limit else None, named, given["MODEL_URL"])


_NAMES = ("DATA", "LIMIT", "SOURCES", "MODEL_URL")


def source_of(row: Labelled) -> str:
    """Where a ticket comes from, as its id says; for reports only."""
    return str(row["id"]).split("-")[0]


def rows_of(wanted: Wanted, kind: str) -> list[Labelled]:
    """Every labelled row of a kind, in the file's order. Raises SystemExit: no such file."""
    path = wanted.data / "dev" / f"{kind}.jsonl"
    if not path.is_file():
        raise SystemExit(f"{path} does not exist: DATA needs dev/{kind}.jsonl")
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def knowledge_of(wanted: Wanted, kind: str) -> Path:
    return wanted.data / f"kb_{kind}.jsonl"


def chosen(rows: Sequence[Labelled], wanted: Wanted) -> list[Labelled]:
    """The rows of the wanted sources, at most `limit` of each, drawn by a fixed seed."""
    by_source: dict[str, list[Labelled]] = {}
    for row in rows:
        if not wanted.sources or source_of(row) in wanted.sources:
            by_source.setdefault(source_of(row), []).append(row)
    return [row for found in by_source.values() for row in drawn(found, wanted.limit)]


def drawn(rows: Sequence[Labelled], count: int | None) -> list[Labelled]:
    """`count` of the rows, always the same ones; a larger draw contains the smaller."""
    if count is None:
        return list(rows)
    return sorted(rows, key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())[:count]


def ticket_of(row: Labelled) -> BatchTicket:
    """What the software sees of a row."""
    fields = {name: row.get(name) for name in BatchTicket.model_fields}
    return BatchTicket.model_validate({k: v for k, v in fields.items() if v is not None})


def scorer(wanted: Wanted) -> ModuleType:
    """The data's own `score.py`, run where it lies."""
    spec = importlib.util.spec_from_file_location("labelled_score", wanted.data / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
