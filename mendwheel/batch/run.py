"""Pushes every ticket of a batch through a workflow run on a Temporal and a worker of its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.batch.journal import Journal
from mendwheel.batch.resolver import Resolver
from mendwheel.batch.rows import Row
from mendwheel.batch.tickets import BatchTicket
from mendwheel.connect import connect
from mendwheel.contracts.names import TICKET_WORKFLOW
from mendwheel.embedded import EmbeddedTemporal
from mendwheel.integrations.senses.configured import sense_names
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import BUILT_IN
from mendwheel.workers import options

Progress = Callable[[int], None]
"""Told the number of tickets finished in this sitting, whatever came of them."""


class Resolving(Protocol):
    """Brings one ticket to its row."""

    async def resolve(self, ticket: BatchTicket) -> Row: ...


ResolvingWith = Callable[[Client, Stores, Settings], Resolving]

_VISIBLE_WITHIN = 10.0
"""Seconds for the last closed runs to show up in visibility, which lags behind."""


@dataclass(frozen=True)
class Batch:
    """One batch, ready to run: its knowledge is in its store."""

    folder: Path
    settings: Settings
    tickets: list[BatchTicket]
    parallel: int = 8
    resolving: ResolvingWith = Resolver
    """Who submits; another one than the usual, where each ticket may know something else."""


class Tally(BaseModel):
    """What a sitting came to. `seconds` and `resolved_now` are of this sitting alone.

    `resolved_now` counts every ticket that was finished; `outcomes` says what came of them.
    """

    tickets: int
    resolved_now: int
    seconds: float
    outcomes: dict[str, int]
    errors: int
    completed_runs: int

    @property
    def rate(self) -> float:
        """Tickets a second, of those finished in this sitting."""
        return self.resolved_now / self.seconds if self.seconds else 0.0


async def resolve(batch: Batch, journal: Journal, progress: Progress) -> Tally:
    """Resolve the tickets that have no row yet; each row is in the journal when it is finished.

    Raises:
        EmbeddedUnavailable: Temporal does not start, or another process works on this batch.
        StoreUnavailable, RPCError: the store or the server went away; run it again to go on.
    """
    waiting = [ticket for ticket in batch.tickets if ticket.id not in journal.rows]
    async with EmbeddedTemporal(batch.folder, ui=False, port=0) as server:
        settings = batch.settings.model_copy(
            update={"temporal_address": server.address, "temporal_namespace": "default"}
        )
        client = await connect(settings)
        begun = asyncio.get_running_loop().time()
        if waiting:
            async with _working(client, settings, batch.resolving) as resolver:
                await _work_off(resolver, waiting, batch.parallel, journal, progress)
        seconds = asyncio.get_running_loop().time() - begun
        rows = [journal.rows[ticket.id] for ticket in batch.tickets]
        return Tally(
            tickets=len(rows),
            resolved_now=len(waiting),
            seconds=round(seconds, 3),
            outcomes=dict(Counter(row.outcome for row in rows).most_common()),
            errors=sum(bool(row.error) for row in rows),
            completed_runs=await _completed_runs(client, rows),
        )


@asynccontextmanager
async def _working(
    client: Client, settings: Settings, resolving: ResolvingWith
) -> AsyncIterator[Resolving]:
    """A worker on the batch's queue, and what sends tickets to it."""
    plugin = MendwheelPlugin(_without_a_host(settings), strict=True)
    worker = Worker(client, task_queue=settings.task_queue, plugins=[plugin], **options())
    async with worker:
        # The worker has opened the store: one writer thread serves both.
        yield resolving(client, plugin.house.stores, settings)


def _without_a_host(settings: Settings) -> Settings:
    """A host's reads are not here, so that permissions for them mean nothing here."""
    known = {*BUILT_IN, *sense_names(settings)}
    given = settings.agent_reads.items()
    kept = {agent: [name for name in names if name in known] for agent, names in given}
    return settings.model_copy(update={"agent_reads": kept})


async def _work_off(
    resolver: Resolving,
    tickets: Iterable[BatchTicket],
    parallel: int,
    journal: Journal,
    progress: Progress,
) -> None:
    """Keep `parallel` tickets on their way; the first error ends all."""
    queue = iter(tickets)
    finished = count(1)

    async def take() -> None:
        for ticket in queue:
            journal.add(await resolver.resolve(ticket))
            progress(next(finished))

    takers = [asyncio.create_task(take()) for _ in range(parallel)]
    try:
        await asyncio.gather(*takers)
    finally:
        for taker in takers:
            taker.cancel()
        await asyncio.gather(*takers, return_exceptions=True)


async def _completed_runs(client: Client, rows: list[Row]) -> int:
    """Completed runs of these tickets, by Temporal's own account."""
    ours = {row.workflow_id for row in rows}
    expected = sum(not row.run_failed for row in rows)
    query = f"WorkflowType = '{TICKET_WORKFLOW}' AND ExecutionStatus = 'Completed'"
    end = asyncio.get_running_loop().time() + _VISIBLE_WITHIN
    while True:
        found = 0
        async for run in client.list_workflows(query):
            found += run.id in ours
        if found >= expected or asyncio.get_running_loop().time() > end:
            return found
        await asyncio.sleep(0.2)
