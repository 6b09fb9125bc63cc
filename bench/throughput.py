"""Tickets a second: ours, against a bare run that gives Temporal the same events and no work."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.common import TypedSearchAttributes

from bench.bare import QUEUE, Bare
from bench.script import Script, script_of
from bench.tickets import ROLES, draft, role_of
from bench.world import WorkerProcess, World, cpu_seconds, say, seeds, world
from mendwheel.integrations.intake import Intake
from mendwheel.workflows.ticket import TicketWorkflow

TICKETS = 100
"""Tickets in one measurement."""
WARM_UP = 24
PARALLEL = 16
"""Tickets on their way at a time."""
ALTERNATIONS = 5
BARE = ("bare", "outside")
"""The bare run as Temporal sets it up, and without the SDK's sandbox, as our workflows run."""

Run = Callable[[int], Awaitable[None]]
"""Starts ticket `number` and waits for its end."""


@dataclass(frozen=True)
class Measured:
    """One measurement. CPU in milliseconds a ticket."""

    rate: float
    worker_cpu: float
    server_cpu: float

    def __str__(self) -> str:
        cpu = f"worker {self.worker_cpu:.1f} ms, server {self.server_cpu:.1f} ms a ticket"
        return f"{self.rate:.1f} tickets/s, {cpu}"


def main() -> dict[str, Any]:
    return asyncio.run(bench())


async def bench() -> dict[str, Any]:
    async with world() as here:
        workers = {kind: WorkerProcess(kind, here) for kind in ("ours", *BARE)}
        try:
            for worker in workers.values():
                await worker.ready()
            return await _alternate(here, workers)
        finally:
            for worker in workers.values():
                worker.stop()


async def _alternate(here: World, workers: dict[str, WorkerProcess]) -> dict[str, Any]:
    intake = Intake(here.client, here.stores, here.settings)
    alternations = seeds(ALTERNATIONS)
    # Drawn before the clock runs: making up tickets is no part of resolving them.
    drafts = [draft(number) for number in range(WARM_UP + TICKETS * alternations)]

    async def ours(number: int) -> None:
        submitted = await intake.submit(drafts[number])
        await ticket_handle(here, submitted.ticket_id).result()

    say(f"warming up with {WARM_UP} tickets of each kind")
    await _closed_loop(ours, range(WARM_UP))
    scripts = {role: await recorded(here, role) for role in ROLES}

    def bare(kind: str) -> Run:
        async def run(number: int) -> None:
            await run_bare(here, scripts[role_of(number)], f"{kind}-{number}", kind)

        return run

    runs = {"ours": ours, **{kind: bare(kind) for kind in BARE}}
    for kind in BARE:
        await _closed_loop(runs[kind], range(WARM_UP))
    rounds: dict[str, list[Measured]] = {kind: [] for kind in runs}
    first = WARM_UP
    for alternation in range(alternations):
        for kind, run in runs.items():
            measured = await _measure(here, workers[kind], run, first)
            rounds[kind].append(measured)
            say(f"{alternation + 1}: {kind}: {measured}")
        first += TICKETS
    return _summary(rounds) | await _histories(here, range(WARM_UP, WARM_UP + 40))


async def run_bare(here: World, script: Script, key: str, kind: str = "bare") -> None:
    handle = await here.client.start_workflow(
        Bare.run,
        script,
        id=key,
        task_queue=f"{QUEUE}-{kind}",
        start_signal="report",
        search_attributes=TypedSearchAttributes([]),
    )
    await handle.result()


def ticket_handle(here: World, ticket: str) -> WorkflowHandle[TicketWorkflow, Any]:
    return here.client.get_workflow_handle_for(TicketWorkflow.run, ticket)


def ticket_of(number: int) -> str:
    return f"mendwheel-default-bench-{role_of(number)}-{number}"


async def recorded(here: World, role: str) -> Script:
    """The commands of the first ticket of this role."""
    handle = ticket_handle(here, ticket_of(ROLES.index(role)))
    return script_of([event async for event in handle.fetch_history_events()])


async def _closed_loop(run: Run, numbers: range) -> None:
    queue = iter(numbers)

    async def take() -> None:
        for number in queue:
            await run(number)

    await asyncio.gather(*(take() for _ in range(PARALLEL)))


async def _measure(here: World, worker: WorkerProcess, run: Run, first: int) -> Measured:
    server = here.server.pid
    assert server is not None
    before = time.perf_counter(), worker.cpu(), cpu_seconds(server)
    await _closed_loop(run, range(first, first + TICKETS))
    after = time.perf_counter(), worker.cpu(), cpu_seconds(server)
    seconds, worker_cpu, server_cpu = (b - a for a, b in zip(before, after, strict=True))
    return Measured(TICKETS / seconds, worker_cpu * 1000 / TICKETS, server_cpu * 1000 / TICKETS)


def _summary(rounds: dict[str, list[Measured]]) -> dict[str, Any]:
    ours, bare = rounds["ours"], rounds["bare"]
    # Each pair ran within seconds of each other: what else the machine did hits both.
    pairs = _pairs(ours, bare)
    outside = _pairs(ours, rounds["outside"])
    return {
        "tickets_per_s": round(median(each.rate for each in ours), 2),
        "bare_tickets_per_s": round(median(each.rate for each in bare), 2),
        "ratio": round(median(pairs), 3),
        "ratios": [round(pair, 3) for pair in pairs],
        "bare_outside_sandbox_tickets_per_s": round(
            median(each.rate for each in rounds["outside"]), 2
        ),
        "ratio_outside_sandbox": round(median(outside), 3),
        "cpu_ms_per_ticket": round(median(each.worker_cpu for each in ours), 2),
        "bare_cpu_ms_per_ticket": round(median(each.worker_cpu for each in bare), 2),
        "server_cpu_ms_per_ticket": round(median(each.server_cpu for each in ours), 2),
        "bare_server_cpu_ms_per_ticket": round(median(each.server_cpu for each in bare), 2),
    }


def _pairs(ours: list[Measured], other: list[Measured]) -> list[float]:
    return [a.rate / b.rate for a, b in zip(ours, other, strict=True)]


async def _histories(here: World, numbers: range) -> dict[str, Any]:
    """Events and bytes of whole histories, by Temporal's own account."""
    described = [await ticket_handle(here, ticket_of(n)).describe() for n in numbers]
    infos = [each.raw_description.workflow_execution_info for each in described]
    return {
        "events_per_ticket": round(sum(info.history_length for info in infos) / len(infos), 1),
        "history_bytes_p50": int(median(info.history_size_bytes for info in infos)),
        "history_bytes_max": max(info.history_size_bytes for info in infos),
        "tickets_per_round": TICKETS,
        "parallel": PARALLEL,
    }
