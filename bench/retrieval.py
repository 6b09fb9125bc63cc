"""`make bench NAME=retrieval DATA=DIR`: how often the right document is among the first found.

Reads `DIR/dev/*.jsonl` and `DIR/kb_*.jsonl`, installs the local embedder where it is missing, and
asks what a ticket's consultant asks. Vectors are kept in a file, so that a second run is quick; a
stopped run goes on. LIMIT=20 asks at most so many questions a source.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib import invalidate_caches
from pathlib import Path
from typing import Any

from bench.world import ROOT, say
from mendwheel.domain.knowledge import Document
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.answers import retrieval_query
from mendwheel.integrations.embedding.cached import CachedEmbedder
from mendwheel.integrations.embedding.local import LocalEmbedder, installed
from mendwheel.knowledge.sources import read_documents
from mendwheel.ports import Embedder
from mendwheel.stores.bundle import Stores

TENANT = "bench"
VECTORS = ROOT / ".mendwheel" / "bench" / "vectors.db"
DEPTHS = (1, 5)
_TOLD = 512
"""Passages between two lines of progress."""


def main() -> dict[str, Any]:
    folder = Path(os.environ.get("DATA", "").strip())
    rows = _questions(folder)
    if not rows:
        raise SystemExit("DATA names no folder with dev/*.jsonl whose rows have `doc_ids`")
    if not installed():
        _install()
    embedder = CachedEmbedder(LocalEmbedder(), VECTORS)
    return {**_measured(folder, rows, embedder), "none": _measured(folder, rows, None)}


def _questions(folder: Path) -> list[dict[str, Any]]:
    """Rows whose right documents are known; a source is what an id begins with."""
    limit = int(os.environ.get("LIMIT", "").strip() or 0)
    taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted((folder / "dev").glob("*.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            if (row.get("expected") or {}).get("doc_ids"):
                taken[_source(row)].append(row)
    return [row for source in taken for row in taken[source][: limit or None]]


def _source(row: dict[str, Any]) -> str:
    return str(row["id"]).split("-", 1)[0]


def _install() -> None:
    """The packages of the extra, into the environment that runs this."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["optional-dependencies"]["embedder"]
    say(f"installing {' '.join(wanted)}")
    command = [sys.executable, "-m", "pip", "install", "--quiet", *wanted]
    subprocess.run(command, check=True, stdout=sys.stderr)
    invalidate_caches()


def _measured(
    folder: Path, rows: Sequence[dict[str, Any]], embedder: Embedder | None
) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="mendwheel-retrieval-") as home,
        Stores(Path(home) / "store.db", embedder) as stores,
    ):
        stores.knowledge.add(TENANT, _documents(folder))
        stores.knowledge.embed(TENANT, _Progress())
        ranks = [(_source(row), _rank(stores, row)) for row in rows]
    return {
        source: _recall([rank for each, rank in ranks if each == source]) for source in dict(ranks)
    }


def _documents(folder: Path) -> Iterator[Document]:
    for path in sorted(folder.glob("kb_*.jsonl")):
        yield from (each for each in read_documents(path) if isinstance(each, Document))


def _rank(stores: Stores, row: dict[str, Any]) -> int:
    """Place of the first right document among those found, from 1; 0 when there is none."""
    report = Report(title=row["title"], body=row["body"], product=row.get("product"))
    found = stores.knowledge.search(
        TENANT, retrieval_query(report), product=report.product, limit=3 * max(DEPTHS)
    )
    documents = list(dict.fromkeys(passage.document_id for passage in found))
    right = set(row["expected"]["doc_ids"])
    return next((place for place, each in enumerate(documents, 1) if each in right), 0)


def _recall(ranks: Sequence[int]) -> dict[str, Any]:
    shares = {
        f"recall@{depth}": round(sum(0 < rank <= depth for rank in ranks) / len(ranks), 4)
        for depth in DEPTHS
    }
    return {**shares, "n": len(ranks)}


class _Progress:
    """A line now and then: the first run embeds for a quarter of an hour."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, done: int, total: int) -> None:
        if done - self._told >= _TOLD or done == total:
            self._told = done
            say(f"{done} of {total} passages embedded")
