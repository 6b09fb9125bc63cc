"""A full disk, a lost answer, a killed worker: tickets go on and each effect happens once."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.effects import perform as effects
from mendwheel.ports import StoreUnavailable
from mendwheel.settings import Settings
from mendwheel.stores.store import Store
from tests.workflows.stage import Stage, eventually, staged
from tests.workflows.tickets import broken, incident, question

ROOT = Path(__file__).resolve().parents[2]


class FullDisk:
    """Stands between every port and the store's one writer; full until it is emptied."""

    def __init__(self, store: Store) -> None:
        self.full = False
        self.refused = 0
        self._write: Callable[..., Any] = store.write
        store.write = self.write  # type: ignore[method-assign]

    def write(self, job: Callable[..., Any], *, durable: bool = False) -> Any:
        if self.full:
            self.refused += 1
            raise StoreUnavailable("the disk is full: free some space")
        return self._write(job, durable=durable)

    async def has_refused(self, times: int) -> None:
        async def often() -> bool:
            return self.refused >= times

        await eventually(often)


async def test_a_full_disk_holds_a_ticket_up_and_loses_nothing(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "LEASE", 0.4)
    async with staged(client, settings, working=False) as stage:
        disk = FullDisk(stage.stores.store)
        ticket = await stage.submit(question())
        post = stage.stores.desk.post

        def post_and_fill_up(*message: Any) -> str:
            """The message is out, and from then on nothing can be written down."""
            reference = post(*message)
            disk.full = disk.refused < 6
            return reference

        monkeypatch.setattr(stage.stores.desk, "post", post_and_fill_up)
        disk.full = True
        async with stage.worker():
            await disk.has_refused(3)
            disk.full = False
            await disk.has_refused(6)
            disk.full = False
            outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.ANSWERED
        assert stage.stores.outcomes.latest(ticket) == outcome
        assert stage.actions(ticket) == ["opened", "recorded"]
        assert len(stage.said(ticket)) == 1
        assert rows(stage, "outcomes", ticket) == 1
        assert rows(stage, "effects", ticket) == 1
        assert stage.stores.audit.verify() >= 2


async def test_a_full_disk_between_yes_and_receipt_runs_the_remedy_once(stage: Stage) -> None:
    disk = FullDisk(stage.stores.store)
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    disk.full = True
    await disk.has_refused(2)
    disk.full = False
    assert (await stage.result(ticket)).kind is OutcomeKind.FIXED
    assert broken()[1]["restarts"] == 1


async def test_a_message_whose_answer_was_lost_is_not_written_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "LEASE", 0.4)
    desk, written = stage.stores.desk, list[EffectKey]()
    post = desk.post

    def post_and_lose_the_answer(place: str, ticket: str, text: str, key: EffectKey) -> str:
        written.append(key)
        post(place, ticket, text, key)
        raise ConnectionResetError("the answer was lost")

    monkeypatch.setattr(desk, "post", post_and_lose_the_answer)
    ticket = await stage.submit(question())
    assert (await stage.result(ticket)).kind is OutcomeKind.ANSWERED
    assert len(written) == 1
    assert len(stage.said(ticket)) == 1
    [(_, receipt)] = stage.stores.ledger.entries(ticket)
    assert receipt.detail == "found"


@pytest.mark.timeout(180)
async def test_tickets_of_a_killed_worker_are_finished_by_another_one_once(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage:
        tickets = [await stage.submit(question(reporter=f"r{number}")) for number in range(12)]

        def finished() -> list[str]:
            return [ticket for ticket in tickets if stage.stores.outcomes.latest(ticket)]

        async def first() -> bool:
            return bool(finished())

        async with worker_process(stage) as victim:
            await eventually(first)
            victim.kill()  # SIGKILL: nothing is handed back, nothing is closed
            await victim.wait()
        assert len(finished()) < len(tickets), "the worker was killed too late to prove anything"
        async with worker_process(stage), asyncio.timeout(90):
            outcomes = await asyncio.gather(*(stage.handle(ticket).result() for ticket in tickets))
        assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ANSWERED}
        for ticket in tickets:
            assert len(stage.said(ticket)) == 1
            assert rows(stage, "outcomes", ticket) == 1
            assert rows(stage, "effects", ticket) == 1


@asynccontextmanager
async def worker_process(stage: Stage) -> AsyncIterator[asyncio.subprocess.Process]:
    """`worker.py` as it is started in earnest: everything it knows comes from the environment."""
    environment = os.environ | {
        "MENDWHEEL_TEMPORAL_ADDRESS": stage.client.service_client.config.target_host,
        "MENDWHEEL_TASK_QUEUE": stage.settings.task_queue,
        "MENDWHEEL_HOME": str(stage.settings.home),
        "MENDWHEEL_LIMITS__WATCH_WINDOW": "0.001",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "worker.py", env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 30)


def rows(stage: Stage, table: str, ticket: str) -> int:
    [(count,)] = stage.stores.store.rows(
        f"SELECT count(*) FROM {table} WHERE ticket_id = ?",  # noqa: S608 — a name of ours
        (ticket,),
    )
    return int(count)
