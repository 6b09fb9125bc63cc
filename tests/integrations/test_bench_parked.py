"""The parked bench in small: over a kill nothing is lost, and a ticket that is gone is missed."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.workflows.stage import eventually

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of `bench`, as `python -m bench` sees it from the repository's root."""
    monkeypatch.syspath_prepend(str(ROOT))
    # What the bench sets for its processes is gone with the test.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    # What is looked for is not what searching by meaning adds.
    monkeypatch.setitem(os.environ, "MENDWHEEL_EMBEDDER", "none")
    return lambda name: import_module(f"bench.{name}")


@pytest.mark.server
async def test_a_kill_loses_nothing_and_what_is_gone_is_missed(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parked, life, world = bench("parked"), bench("parked_life"), bench("parked_world")
    async with world.grounds() as made:
        parking = await world.park(made, 8)
        decided, rest = parking.waiting[:5], parking.waiting[5:]
        lived = await life.over_a_kill(made, decided, [])
        await life.still_parked(made.here, lived, rest)
        assert (lived.lost, lived.duplicates) == (0, 0), lived.problems
        assert (lived.fixed, lived.rejected) == (4, 1)
        rss = {"parked": made.worker.memory()}
        found = parked._summary(8, parking, lived, {"store": 80.0, "temporal": 240.0}, rss)
        assert found["reaction_s"] <= found["reactions_s"]["p50"] <= found["ends_s"]["max"]
        assert found["worker_rss_mb"] > 20
        assert found["db_kb_per_ticket"] == round(320 / parking.submitted, 1)

        await made.here.client.get_workflow_handle(rest[0].ticket).terminate()
        await unlisted(made.here.client, rest[0].ticket)
        monkeypatch.setattr(life, "LISTED_WITHIN", 5.0)
        missed = life.Lived(0.0)
        await life.still_parked(made.here, missed, rest)
        assert (missed.lost, missed.duplicates) == (1, 0), missed.problems
        forged = life.Lived(0.0)
        await life._decided(made.here, forged, decided[1], False, 0.0)
        assert forged.duplicates == 1, "a remedy that nobody wanted"


async def unlisted(client: Client, ticket: str) -> None:
    """Lists of runs lag behind the runs; until then it would pass for one that waits."""
    query = f"WorkflowId = '{ticket}' AND ExecutionStatus = 'Running'"

    async def gone() -> bool:
        return not [run async for run in client.list_workflows(query)]

    await eventually(gone)


def test_a_number_of_tickets_that_is_none_is_named(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "PARKED", "a few")
    with pytest.raises(SystemExit, match="PARKED='a few' is not a number"):
        bench("parked").parked()
