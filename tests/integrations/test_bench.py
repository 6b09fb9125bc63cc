"""The bare run is worth comparing with only if Temporal does the same for it as for a ticket."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from mendwheel.integrations.intake import Intake

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of `bench`, as `python -m bench` sees it from the repository's root."""
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: import_module(f"bench.{name}")


async def _counts(handle: WorkflowHandle[Any, Any]) -> Counter[str]:
    return Counter([EventType.Name(e.event_type) async for e in handle.fetch_history_events()])


async def _bytes(handle: WorkflowHandle[Any, Any]) -> int:
    described = await handle.describe()
    return int(described.raw_description.workflow_execution_info.history_size_bytes)


@pytest.mark.server
async def test_bare_run_has_the_events_of_the_ticket_it_repeats_and_their_size(bench: Any) -> None:
    throughput, tickets, worker = bench("throughput"), bench("tickets"), bench("worker")
    async with bench("world").world() as here:
        intake = Intake(here.client, here.stores, here.settings)
        for number, role in enumerate(tickets.ROLES):
            async with worker.build("ours", here.client, here.home):
                await intake.submit(tickets.draft(number))
                ticket = throughput.ticket_handle(here, throughput.ticket_of(number))
                await ticket.result()
            async with worker.build("bare", here.client, here.home):
                script = await throughput.recorded(here, role)
                await throughput.run_bare(here, script, f"bare-{number}")
            bare = here.client.get_workflow_handle(f"bare-{number}")
            ours = await _counts(ticket)
            assert ours == await _counts(bare)
            assert ours["EVENT_TYPE_MARKER_RECORDED"] >= 5, f"{role}: the ticket did its work"
            size = await _bytes(ticket)
            assert size < 60_000, f"{role}: bulk has crept into history"
            assert await _bytes(bare) == pytest.approx(size, rel=0.2)


def test_event_that_cannot_be_repeated_stops_the_bench_instead_of_flattering_it(
    bench: Any,
) -> None:
    from temporalio.api.history.v1 import HistoryEvent

    child = HistoryEvent(
        event_id=9, event_type=EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
    )
    with pytest.raises(ValueError, match=r"cannot repeat .*CHILD_WORKFLOW.* \(event 9\)"):
        bench("script").script_of([child])
