"""Senses that hang or end their thread, looked at by several tickets at a time."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mendwheel.activities import observing
from mendwheel.activities.observing import Observing
from mendwheel.contracts.observing import ObserveRequest
from mendwheel.domain.evidence import Dossier
from mendwheel.domain.ticket import Report
from mendwheel.stores.bundle import Stores
from tests.tickets import ticket


class Sense:
    """Does what a test tells it to."""

    name = "metrics"

    def __init__(self, will: Callable[[], Any]) -> None:
        self._will = will

    def observe(self, *_: Any) -> Any:
        return self._will()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "s.db") as stores:
        yield stores


async def look(stores: Stores, house: Observing) -> str:
    """What the one sense of `house` is said to have shown; empty when it showed nothing."""
    report = stores.artifacts.put("default", Report(title="t", body="b").model_dump_json())
    seen = await house.observe(ObserveRequest(ticket=ticket(report=report)))
    found = Dossier.model_validate_json(stores.artifacts.get(seen)).evidence
    return found[0].text if found else ""


def at_work(stores: Stores, will: Callable[[], Any]) -> Observing:
    return Observing([Sense(will)], stores.artifacts, lambda: datetime.now(UTC))


async def test_a_sense_is_asked_again_only_when_every_look_that_hung_has_returned(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observing, "WITHIN", 0.3)
    doors = [threading.Event(), threading.Event()]
    waiting = iter([*doors])

    def hang() -> list[Any]:
        door = next(waiting, None)
        assert door is None or door.wait(20)
        return []

    house = at_work(stores, hang)
    both = await asyncio.gather(look(stores, house), look(stores, house))
    assert all("did not answer" in said for said in both)
    doors[0].set()
    await asyncio.sleep(0.2)
    assert "still hangs" in await look(stores, house)
    doors[1].set()
    async with asyncio.timeout(5):
        while await look(stores, house):  # noqa: ASYNC110 — its thread returns elsewhere
            await asyncio.sleep(0.02)


async def test_a_sense_that_ends_its_thread_costs_a_line_each_time_and_never_hangs(
    stores: Stores,
) -> None:
    house = at_work(stores, sys.exit)
    for _ in range(2):
        assert await look(stores, house) == "failed (SystemExit)"
