"""Labelled tickets through real workflow runs, resumable: what is in the journal is not run again.

The folder is named by tickets, knowledge, settings and code, so a change of any of them starts
afresh and nothing else does.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.resolution_data import Labelled, ticket_of
from bench.world import ROOT, say
from mendwheel.batch.folder import batch_key, folder_of
from mendwheel.batch.journal import Journal
from mendwheel.batch.library import take_in
from mendwheel.batch.rows import Row
from mendwheel.batch.run import Batch, ResolvingWith, resolve
from mendwheel.cli.resolve import Counter
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.settings import Settings

HOME = ROOT / ".mendwheel" / "bench"
PARALLEL = 8


def without_model() -> Settings:
    """Settings of the environment, but with a home of the bench's own and no language model."""
    settings = Settings(home=HOME)
    # Every change of the code fills a new store: the same texts need not be embedded again.
    vectors = settings.embedding_cache or HOME / "vectors.db"
    return settings.model_copy(
        update={
            "model": None,
            "model_base_url": None,
            "model_routes": [],
            "embedding_cache": vectors,
        }
    )


def embedder_of(settings: Settings) -> str:
    """What texts are compared by besides their words."""
    found = chosen_embedder(settings)
    return found.identity if found else "none"


@dataclass(frozen=True)
class Place:
    """Where a set of tickets is resolved, and what it can be looked up in."""

    name: str
    folder: Path
    settings: Settings
    parallel: int = PARALLEL
    resolving: ResolvingWith | None = None


def place(
    name: str, every: Sequence[Labelled], knowledge: Sequence[Path], settings: Settings
) -> Place:
    """The folder of all rows of a kind, whichever part of them is run."""
    key = batch_key([ticket_of(row) for row in every], knowledge, settings)
    folder = folder_of(settings, f"{name}-{key}")
    own = {"home": folder, "store": folder / "mendwheel.db", "task_queue": "mendwheel-bench"}
    return Place(name, folder, settings.model_copy(update=own))


def filled(where: Place, knowledge: Sequence[Path]) -> Place:
    """Take the knowledge in, unless an earlier run did."""
    counter = Counter(f"documents taken in for {where.name}")
    embedded = Counter(f"passages embedded for {where.name}")
    for line in take_in(knowledge, where.folder, where.settings, counter, embedded):
        say(f"left out: {line}")
    counter.end()
    embedded.end()
    return where


def run(where: Place, rows: Sequence[Labelled]) -> dict[str, Row]:
    """One result a row. Ctrl-C keeps what is finished, and the same command goes on."""
    tickets = [ticket_of(row) for row in rows]
    batch = Batch(where.folder, where.settings, tickets, where.parallel)
    if where.resolving is not None:
        batch = Batch(
            where.folder, where.settings, tickets, where.parallel, resolving=where.resolving
        )
    with Journal(where.folder / "finished.jsonl") as journal:
        waiting = sum(ticket.id not in journal.rows for ticket in tickets)
        if waiting:
            counter = Counter(f"of {waiting} tickets finished ({where.name})")
            asyncio.run(resolve(batch, journal, counter))
            counter.end()
        return {ticket.id: journal.rows[ticket.id] for ticket in tickets}
