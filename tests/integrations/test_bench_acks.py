"""The acks bench sees what is lost and what happened twice: its zeros mean something."""

import asyncio
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
SECOND = "bench-a-second-run"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of `bench`, as `python -m bench` sees it from the repository's root."""
    monkeypatch.syspath_prepend(str(ROOT))
    # What the bench sets for its processes is gone with the test.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return lambda name: import_module(f"bench.{name}")


async def test_a_second_of_load_loses_nothing_and_what_was_never_sent_is_missed(bench: Any) -> None:
    load, world, check = bench("acks_load"), bench("acks_world"), bench("acks_check")
    async with world.acks_world() as made:
        parked = await world.park(made, load.PER_SECOND["click"] + 1)
        sent = await load.Load(made, parked, 1).run()
        assert [each for each in sent if each.failed] == []
        assert len(sent) == load.RATE
        checked = await check.check(made.here, parked, sent)
        assert (checked.lost, checked.duplicates) == (0, 0), checked.problems

        unsent = load.Sent("new", "Nobody has asked this", 0.0, 0.0, 200, "")
        again = next(each for each in sent if each.kind == "new")
        forged = [*sent, unsent]
        checked = await check.check(made.here, parked, forged)
        assert (checked.lost, checked.duplicates) == (1, 0)
        await made.here.client.start_workflow(
            check.TICKET_WORKFLOW,
            id=SECOND,
            task_queue="nobody-listens",
            static_summary=again.subject,
        )
        # Lists of runs lag behind the runs.
        listed = f"WorkflowId = '{SECOND}'"
        while not [run async for run in made.here.client.list_workflows(listed)]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        checked = check.Checked()
        await check._new(made.here, checked, [again.subject])
        assert (checked.lost, checked.duplicates) == (0, 1)


def test_seconds_that_are_no_number_are_named(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SECONDS", "a while")
    with pytest.raises(SystemExit, match="SECONDS='a while' is not a number"):
        bench("acks").seconds()
