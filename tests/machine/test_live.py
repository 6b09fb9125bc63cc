"""Five hundred tickets on a real server: the workflow, worker, store, ledger and a host's remedy.

The same seed does the same to each ticket; who is faster is up to the server.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.remedy import Risk
from mendwheel.settings import Settings
from tests.machine import mutants
from tests.machine.live import Sequence
from tests.machine.rules import Rules
from tests.machine.search import SEED
from tests.machine.verdict import faults
from tests.machine.world import World
from tests.workflows.conftest import _state  # noqa: F401
from tests.workflows.stage import own_settings, staged
from tests.workflows.tickets import incident

SIDE_BY_SIDE = 16
"""Tickets on their way at a time; with many more a busy machine does their tasks over and over."""

PLACES = [
    # sequences, risk, minutes a question is open
    pytest.param(220, Risk.MEDIUM, 60.0, id="one-must-agree"),
    pytest.param(160, Risk.HIGH, 60.0, id="two-must-agree"),
    pytest.param(120, Risk.MEDIUM, 0.05, id="three-seconds-to-answer"),
]

LOST = {OutcomeKind.FAILED, OutcomeKind.ASKED_BACK, OutcomeKind.DUPLICATE}
"""How a ticket ends that never came to the question; then it was no sequence of ours."""


@asynccontextmanager
async def world(
    client: Client, settings: Settings, risk: Risk, minutes: float
) -> AsyncIterator[World]:
    # Tickets of the same words are not one incident here.
    apart = Thresholds().model_copy(update={"duplicate": 2.0})
    settings = settings.model_copy(update={"thresholds": apart})
    async with staged(client, settings, risk=risk, working=False, fresh=False) as stage:
        stage.policy(expires=minutes)
        here = World(stage)
        async with here.host():
            yield here


async def play(here: World, count: int, *, crashes: float) -> None:
    """So many sequences, with a worker that is stopped and started amid."""
    draft, seed = incident("leak"), secrets.token_hex(4) if SEED == "random" else SEED
    left = iter(range(count))
    ended = 0

    async def some() -> None:
        nonlocal ended
        for number in left:
            requester = "ada" if number % 5 == 0 else "mary"
            new = {"key": f"{here.stage.settings.task_queue}-{number}", "reporter": requester}
            ticket = await here.stage.submit(draft.model_copy(update=new), recall=False)
            sequence = Sequence(here, ticket, f"{seed}-{number}", requester)
            if number < count * crashes:
                await sequence.terminate_after_the_action()
            else:
                await sequence.run(4 + number % 3)
            await sequence.end()
            ended += 1

    async def until(share: float) -> None:
        while ended < count * share and not playing.done():  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    playing = asyncio.gather(*(some() for _ in range(SIDE_BY_SIDE)))
    for share in (0.25, 0.6):
        async with here.stage.worker():
            await until(share)
    async with here.stage.worker():
        await playing


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("count", "risk", "minutes"), PLACES)
async def test_nothing_acts_without_a_valid_approval_or_twice(
    client: Client, tmp_path: Path, count: int, risk: Risk, minutes: float
) -> None:
    rules = Rules(needed=2 if risk is Risk.HIGH else 1)
    async with world(client, own_settings(tmp_path, "live"), risk, minutes) as here:
        await play(here, count, crashes=0.05)
        assert faults(here, rules) == []
        assert len(here.stories) == count
        outcomes = [here.stage.stores.outcomes.latest(ticket) for ticket in here.stories]
        assert not [each for each in outcomes if each is None or each.kind in LOST]
        assert all(story.shown for story in here.stories.values())
        assert len(here.ran) > count // 10, "a search that reaches nothing finds nothing"
        assert here.stage.stores.audit.verify() > count


@pytest.mark.timeout(300)
async def test_the_machine_catches_a_gate_without_ledger(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutants.ledger(monkeypatch)
    async with world(client, own_settings(tmp_path, "off"), Risk.MEDIUM, 60.0) as here:
        await play(here, 12, crashes=0.5)
        found = faults(here, Rules())
    assert [each for each in found if "a second action" in each]
