"""Whether each new ticket and click of the acks bench is in Temporal once, with what it caused."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from temporalio.client import WorkflowExecutionStatus

from bench.acks_host import REMEDY
from bench.acks_load import Sent
from bench.acks_world import Parked
from bench.world import World
from mendwheel.contracts.names import TICKET_WORKFLOW

ENDED_WITHIN = 300.0
AT_ONCE = 16
AUTHORISE = "mendwheel.authorise"
"""Local activity whose result says whether a decision counts."""
LOCAL_ACTIVITY = "core_local_activity"
"""The SDK's name for its marker; those of `workflow.patched()` have another and other details."""


@dataclass
class Checked:
    """What is missing, what happened more than once, and which ones."""

    lost: int = 0
    duplicates: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, what: str, found: int, wanted: int = 1) -> None:
        """`found` times where it should be `wanted` times."""
        if found != wanted:
            self.lost += max(0, wanted - found)
            self.duplicates += max(0, found - wanted)
            self.problems.append(f"{what}: {found} instead of {wanted}")


async def check(here: World, parked: list[Parked], sent: list[Sent]) -> Checked:
    """Waits until what was decided has ended; what does not end in time is missing."""
    checked = Checked()
    clicked = {each.subject for each in sent if each.kind == "click"}
    try:
        async with asyncio.timeout(ENDED_WITHIN):
            await _ended(here, clicked)
    except TimeoutError:
        checked.problems.append(f"not everything has ended within {ENDED_WITHIN:.0f} s")
    await _new(here, checked, [each.subject for each in sent if each.kind == "new"])
    remedies = Counter([name async for name in _remedies(here)])
    todo = iter([each for each in parked if each.ticket in clicked])

    async def take() -> None:
        for each in todo:
            await _decided(here, checked, each)
            checked.count(f"remedy of {each.ticket}", remedies[each.ticket])

    await asyncio.gather(*(take() for _ in range(AT_ONCE)))
    return checked


async def _ended(here: World, clicked: set[str]) -> None:
    """Until what was clicked and all that is new has ended."""
    query = f"WorkflowType = '{TICKET_WORKFLOW}' AND ExecutionStatus = 'Running'"
    while True:
        running = {each.id async for each in here.client.list_workflows(query)}
        if not [each for each in running if each in clicked or not _waits(here, each)]:
            return
        await asyncio.sleep(0.5)


def _waits(here: World, ticket: str) -> bool:
    return here.stores.questions.open(ticket) is not None


async def _new(here: World, checked: Checked, texts: Iterable[str]) -> None:
    """One run for each text; its title is its text."""
    found: Counter[str] = Counter()
    async for each in here.client.list_workflows(f"WorkflowType = '{TICKET_WORKFLOW}'"):
        described = await here.client.get_workflow_handle(each.id, run_id=each.run_id).describe()
        found[await described.static_summary() or ""] += 1
    for text in texts:
        checked.count(f"ticket {text!r}", found[text])


async def _remedies(here: World) -> AsyncIterator[str]:
    """The ticket of each remedy that ran to its end."""
    async for each in here.client.list_workflows(f"WorkflowType = '{REMEDY}'"):
        if each.status is WorkflowExecutionStatus.COMPLETED:
            yield each.id.partition("-r1-remedy-")[0]


async def _decided(here: World, checked: Checked, each: Parked) -> None:
    """How often the ticket's history says that its decision counts."""
    counts = 0
    async for event in here.client.get_workflow_handle(each.ticket).fetch_history_events():
        marker = event.marker_recorded_event_attributes
        if marker.marker_name != LOCAL_ACTIVITY:
            continue
        if json.loads(marker.details["data"].payloads[0].data)["activity_type"] == AUTHORISE:
            said = json.loads(marker.details["result"].payloads[0].data)
            counts += bool(said["allowed"])
    checked.count(f"accepted decision on {each.ticket}", counts)
