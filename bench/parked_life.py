"""What becomes of parked tickets over a `kill -9`: decided, run out, or waiting as before."""

import asyncio
import time
from dataclasses import dataclass, field

from temporalio.api.enums.v1 import EventType

from bench.acks_host import REMEDY
from bench.parked_world import APPROVER, Grounds, Waiting
from bench.world import World, say
from mendwheel.contracts.names import TICKET_WORKFLOW
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.decisions import Decisions

ENDED_WITHIN = 180.0
LISTED_WITHIN = 60.0
REJECTED = 5
"""Every so manieth decision is a no."""


@dataclass(frozen=True)
class Reaction:
    """Seconds after the kill, by Temporal's history of one ticket that was decided."""

    first: float
    """The first workflow task that the new worker has completed for it."""
    ended: float


@dataclass
class Lived:
    """How soon decided tickets went on, and what is wrong with any."""

    ready: float
    """Seconds from the kill until the new worker said that it polls."""
    reactions: list[Reaction] = field(default_factory=list)
    fixed: int = 0
    rejected: int = 0
    expired: int = 0
    lost: int = 0
    duplicates: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, what: str, found: int, wanted: int) -> None:
        """`found` times where it should be `wanted` times."""
        if found != wanted:
            self.lost += max(0, wanted - found)
            self.duplicates += max(0, found - wanted)
            self.problems.append(f"{what}: {found} instead of {wanted}")


async def over_a_kill(made: Grounds, decided: list[Waiting], brief: list[Waiting]) -> Lived:
    """Kill the worker, decide at once while the next one starts, and wait for every end."""
    here = made.here
    decisions = Decisions(here.client, here.stores, here.settings)
    made.worker.kill()
    killed = time.time()
    back = asyncio.create_task(made.restart())
    yes = {each.ticket: number % REJECTED != 0 for number, each in enumerate(decided)}
    await asyncio.gather(
        *(
            decisions.decide(each.ticket, yes[each.ticket], subject=APPROVER, channel="bench")
            for each in decided
        )
    )
    lived = Lived(await back - killed)
    say(f"the next worker was ready {lived.ready:.1f} s after the kill; waiting for the ends")
    await _ended(here, lived, [*decided, *brief])
    for each in decided:
        await _decided(here, lived, each, yes[each.ticket], killed)
    for each in brief:
        _ran_out(here, lived, each)
    return lived


async def _ended(here: World, lived: Lived, tickets: list[Waiting]) -> None:
    """What has no outcome in time is counted as lost afterwards."""
    outcomes = here.stores.outcomes
    try:
        async with asyncio.timeout(ENDED_WITHIN):
            for each in tickets:
                while outcomes.latest(each.ticket) is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
    except TimeoutError:
        lived.problems.append(f"not everything has ended within {ENDED_WITHIN:.0f} s")
        return
    for each in tickets:
        await here.client.get_workflow_handle(each.ticket).result()


async def _decided(here: World, lived: Lived, each: Waiting, yes: bool, killed: float) -> None:
    """A yes ran its remedy once and was checked, a no ran nothing; each counted once."""
    tasks, remedies, ended = list[float](), 0, 0.0
    async for event in here.client.get_workflow_handle(each.ticket).fetch_history_events():
        at = event.event_time.ToMicroseconds() / 1e6 - killed
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED and at > 0:
            tasks.append(at)
        child = event.child_workflow_execution_completed_event_attributes
        remedies += child.workflow_type.name == REMEDY
        ended = at
    said = here.stores.questions.decisions(each.request_id)
    accepted = [decision for decision, counts, _ in said if counts]
    outcome = here.stores.outcomes.latest(each.ticket)
    wanted = OutcomeKind.FIXED if yes else OutcomeKind.HANDED_OVER
    lived.count(f"accepted decisions on {each.ticket}", len(accepted), 1)
    lived.count(f"remedies of {each.ticket}", remedies, int(yes))
    right = outcome is not None and outcome.kind is wanted and outcome.decided_by == [APPROVER]
    lived.count(f"{wanted.value} outcome of {each.ticket}", int(right), 1)
    lived.fixed += right and yes
    lived.rejected += right and not yes
    if tasks:
        lived.reactions.append(Reaction(min(tasks), ended))


def _ran_out(here: World, lived: Lived, each: Waiting) -> None:
    """Nobody decided in time: handed over, and nothing done."""
    outcome = here.stores.outcomes.latest(each.ticket)
    right = outcome is not None and "expired" in outcome.reason and not outcome.decided_by
    lived.count(f"end without a decision of {each.ticket}", int(right), 1)
    lived.expired += right


async def still_parked(here: World, lived: Lived, tickets: list[Waiting]) -> None:
    """Each of `tickets` runs and has its question open still; nothing else runs."""
    query = f"WorkflowType = '{TICKET_WORKFLOW}' AND ExecutionStatus = 'Running'"
    wanted, end = {each.ticket for each in tickets}, time.monotonic() + LISTED_WITHIN
    while True:
        running = {each.id async for each in here.client.list_workflows(query)}
        # Lists of runs lag behind the runs.
        if running == wanted or time.monotonic() > end:
            break
        await asyncio.sleep(0.5)
    lived.count("tickets that run and should not", len(running - wanted), 0)
    for each in tickets:
        asked = here.stores.questions.open(each.ticket)
        waits = each.ticket in running and asked is not None
        same = waits and asked is not None and asked.request_id == each.request_id
        lived.count(f"open question of {each.ticket}", int(same), 1)
