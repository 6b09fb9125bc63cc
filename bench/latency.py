"""How long a person waits: submit → first activity, decision → next activity. Nothing else runs."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from bench.tickets import draft
from bench.world import WorkerProcess, World, say, seeds, world
from mendwheel.integrations.decisions import Decisions
from mendwheel.integrations.intake import Intake
from mendwheel.workflows.ticket import TicketWorkflow

TICKETS = 40
"""Tickets of one repetition."""
REPETITIONS = 3
WARM_UP = 5
QUESTION_WITHIN = 20.0


@dataclass(frozen=True)
class Sent:
    """When a ticket and the decision on it left the client; seconds since the epoch."""

    ticket: str
    submitted: float
    decided: float


def main() -> dict[str, Any]:
    return asyncio.run(bench())


async def bench() -> dict[str, Any]:
    async with world() as here:
        worker = WorkerProcess("asking", here)
        try:
            await worker.ready()
            sent = await _one_by_one(here, WARM_UP + TICKETS * seeds(REPETITIONS))
        finally:
            worker.stop()
        started = _starts(here)
        first = [_after(started[each.ticket], each.submitted) for each in sent[WARM_UP:]]
        following = [_after(started[each.ticket], each.decided) for each in sent[WARM_UP:]]
    return {
        "submit_to_first_activity_ms": _percentiles(first),
        "decision_to_next_activity_ms": _percentiles(following),
        "tickets": len(first),
    }


async def _one_by_one(here: World, count: int) -> list[Sent]:
    intake = Intake(here.client, here.stores, here.settings)
    decisions = Decisions(here.client, here.stores, here.settings)
    sent: list[Sent] = []
    for number in range(count):
        made = draft(number, role="anomaly")
        submitted = time.time()
        # Without recall, so that no incident is taken for another one's duplicate.
        ticket = (await intake.submit(made, recall=False)).ticket_id
        await _question(here, ticket)
        decided = time.time()
        await decisions.decide(ticket, False, subject="demo-approver")
        await here.client.get_workflow_handle_for(TicketWorkflow.run, ticket).result()
        sent.append(Sent(ticket, submitted, decided))
        if number % 20 == 0:
            say(f"{number} of {count} tickets decided")
    return sent


async def _question(here: World, ticket: str) -> None:
    """Raises RuntimeError when the ticket asks nothing."""
    end = time.monotonic() + QUESTION_WITHIN
    while here.stores.questions.open(ticket) is None:
        if time.monotonic() > end:
            raise RuntimeError(f"{ticket} asked nothing within {QUESTION_WITHIN:.0f} s")
        await asyncio.sleep(0.01)


def _starts(here: World) -> dict[str, list[float]]:
    """Ticket → when its activities started."""
    found: dict[str, list[float]] = {}
    for line in (here.home / "stamps.jsonl").read_text().splitlines():
        stamp = json.loads(line)
        found.setdefault(stamp["ticket"], []).append(stamp["at"])
    return found


def _after(starts: list[float], moment: float) -> float:
    """Milliseconds from `moment` to the first start after it."""
    return (min(start for start in starts if start >= moment) - moment) * 1000


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    at = {name: ordered[int(share * (len(ordered) - 1))] for name, share in _SHARES.items()}
    return {name: round(value, 1) for name, value in at.items()}


_SHARES = {"p50": 0.5, "p99": 0.99}
