"""Where the parked bench keeps its tickets: one worker that can be killed, and their questions."""

import asyncio
import itertools
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Child
from bench.tickets import draft
from bench.world import World, say, world
from mendwheel.integrations.intake import Intake

APPROVER = "demo-approver"
AT_ONCE = 16
"""Tickets on their way to their question at a time."""
STUCK_AFTER = 600.0
"""Seconds; much longer than any ticket takes, so that a slow one ends no bench of half an hour."""
SOON = 20.0
"""Seconds after which the questions of a few tickets run out."""


@dataclass
class Grounds:
    """A world and the worker that runs in it now."""

    here: World
    worker: Child
    started: int = 1

    async def restart(self) -> float:
        """Start another worker for one that was killed. Returns when it was ready."""
        self.started += 1
        self.worker.stop()
        self.worker = _worker(self.here, self.started)
        await self.worker.line()
        return time.time()


@dataclass(frozen=True)
class Waiting:
    """A ticket with an open question."""

    ticket: str
    request_id: str


@dataclass(frozen=True)
class Parking:
    """Tickets that wait, how many were submitted for that, and how long it took."""

    waiting: list[Waiting]
    submitted: int
    seconds: float


@asynccontextmanager
async def grounds() -> AsyncIterator[Grounds]:
    os.environ["MENDWHEEL_LOG_LEVEL"] = "warning"
    async with world() as here:
        made = Grounds(here, _worker(here, 1))
        try:
            await made.worker.line()
            yield made
        finally:
            made.worker.stop()


def _worker(here: World, number: int) -> Child:
    """A second one finds the bytecode that the first one left, as an installed one would."""
    command = [sys.executable, "-m", "bench.acks_worker", here.server.address, str(here.home)]
    return Child(
        "worker",
        [*command, APPROVER],
        here.home / f"worker-{number}.log",
        PYTHONDONTWRITEBYTECODE="",
        PYTHONPYCACHEPREFIX=str(here.home / "bytecode"),
    )


async def park(made: Grounds, count: int, first: int = 0) -> Parking:
    """`count` incidents, numbered from `first`, worked through until each has asked."""
    here, numbers = made.here, itertools.count(first)
    intake = Intake(here.client, here.stores, here.settings)
    began, submitted, going = time.monotonic(), 0, 0
    waiting: list[Waiting] = []

    async def take() -> None:
        nonlocal submitted, going
        while len(waiting) + going < count:
            going += 1
            # Without recall, so that no incident is taken for another one's duplicate.
            incident = draft(next(numbers), role="anomaly")
            ticket = (await intake.submit(incident, recall=False)).ticket_id
            submitted += 1
            request = await _asked(here, ticket)
            going -= 1
            if request:
                waiting.append(Waiting(ticket, request))
                _progress(len(waiting), count, began)

    # A ticket that asks nothing leaves a gap that takers which have ended cannot fill.
    while len(waiting) < count:
        await asyncio.gather(*(take() for _ in range(AT_ONCE)))
    return Parking(waiting, submitted, time.monotonic() - began)


def _progress(parked: int, count: int, began: float) -> None:
    if parked % 200 == 0:
        rate, (load, *_) = parked / (time.monotonic() - began), os.getloadavg()
        say(f"{parked} of {count} tickets parked, {rate:.1f} a second, load {load:.1f}")


async def _asked(here: World, ticket: str) -> str:
    """Its question; empty for an incident that is handed over, because no remedy fits."""
    began = time.monotonic()
    while time.monotonic() - began < STUCK_AFTER:
        if found := here.stores.questions.open(ticket):
            await _at_rest(here, ticket)
            return found.request_id
        if here.stores.outcomes.latest(ticket) is not None:
            return ""
        await asyncio.sleep(0.05)
    raise SystemExit(f"{ticket} has asked nothing within {STUCK_AFTER:.0f} s")


async def _at_rest(here: World, ticket: str) -> None:
    """Until Temporal has what led to the question: a kill before that repeats it, and asks anew."""
    handle, began = here.client.get_workflow_handle(ticket), time.monotonic()
    while time.monotonic() - began < STUCK_AFTER:
        described = (await handle.describe()).raw_description
        if not described.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(0.05)
    raise SystemExit(f"{ticket} is not at rest: {described.pending_workflow_task}")


async def park_briefly(made: Grounds, count: int, first: int) -> list[Waiting]:
    """The same, with questions that run out soon. The next worker has the policy as it was."""
    policy = made.here.home / "policy.toml"
    text = policy.read_text("utf-8")
    assert "expires_minutes = 120" in text, "the sample policy has another limit now"
    policy.write_text(text.replace("= 120", f"= {SOON / 60}"), "utf-8")
    return (await park(made, count, first)).waiting


def size_kb(database: Path) -> float:
    """A database file and what SQLite keeps beside it."""
    files = database.parent.glob(f"{database.name}*")
    return sum(path.stat().st_size for path in files) / 1024
