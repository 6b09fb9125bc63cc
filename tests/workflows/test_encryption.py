"""Payloads are encrypted on a running suite: switched on, rotated and missing amid a ticket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.connect import data_converter
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.plugin import MendwheelPlugin
from mendwheel.security import key_file
from mendwheel.security.payload_keys import read
from mendwheel.settings import Settings
from tests.workflows.stage import Stage, eventually, staged
from tests.workflows.tickets import incident

SAID = "not during the hunter2 sale"


@pytest.fixture
def file(settings: Settings) -> Path:
    path = settings.home / "payload.keys"
    key_file.make(path)
    return path


def told(settings: Settings, file: Path | None) -> Settings:
    return settings.model_copy(update={"payload_keys_file": file})


@asynccontextmanager
async def suite(
    client: Client, settings: Settings, *, working: bool = True
) -> AsyncIterator[Stage]:
    """A stage whose client is the one that the suite's own programs have."""
    speaking = {"data_converter": data_converter(settings)}
    own = Client(**(client.config() | speaking))
    async with staged(own, settings, working=working) as stage:
        yield stage


async def parked(stage: Stage) -> str:
    """A ticket that waits for a decision."""
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    return ticket


async def events(stage: Stage, ticket: str) -> list[HistoryEvent]:
    return list((await stage.handle(ticket).fetch_history()).events)


def sealed_with(event: HistoryEvent, key: str) -> bool:
    return b"binary/mendwheel-aes256gcm" in (raw := event.SerializeToString()) and (
        key.encode() in raw
    )


async def test_a_parked_ticket_goes_on_when_encryption_is_switched_on(
    client: Client, settings: Settings, file: Path
) -> None:
    async with suite(client, settings) as before:
        ticket = await parked(before)
        plain = len(await events(before, ticket))
    async with suite(client, told(settings, file)) as stage:
        await stage.decisions.decide(ticket, False, subject="grace", note=SAID)
        outcome = await stage.result(ticket)
        assert (outcome.kind, SAID in outcome.reason) == (OutcomeKind.HANDED_OVER, True)
        found = await events(stage, ticket)
        [key] = read(file)
        assert not any(sealed_with(event, key.id) for event in found[:plain])
        assert any(sealed_with(event, key.id) for event in found[plain:])
        assert not any(SAID.encode() in event.SerializeToString() for event in found)


async def test_a_parked_ticket_goes_on_with_a_new_key_and_reads_what_the_old_one_wrote(
    client: Client, settings: Settings, file: Path
) -> None:
    [old] = read(file)
    async with suite(client, told(settings, file)) as stage:
        ticket = await parked(stage)
        new = key_file.rotate(file, again=True)
        assert new is not None
        await asyncio.sleep(1.5)  # the file is looked at once a second
        before = len(await events(stage, ticket))
        await stage.decisions.decide(ticket, False, subject="grace", note=SAID)
        await stage.result(ticket)
        found = await events(stage, ticket)
        assert any(sealed_with(event, old.id) for event in found[:before])
        assert any(sealed_with(event, new.id) for event in found[before:])
        assert sealed_with(found[-1], new.id), "how it ended"
        assert not sealed_with(found[-1], old.id)


async def test_a_worker_without_the_key_says_which_and_goes_on_once_it_is_there(
    client: Client, settings: Settings, file: Path, tmp_path: Path
) -> None:
    """The ticket began in the open: without a codec of its own that worker would drop the decision
    and go on as if nobody had decided."""
    poor = tmp_path / "poor.keys"
    async with suite(client, settings) as before:
        ticket = await parked(before)
    async with suite(client, told(settings, file), working=False) as decider:
        key_file.make(poor)
        async with (
            suite(client, told(settings, poor), working=False) as lacking,
            lacking.worker(),
            lacking.host(),
        ):
            # Nobody there can read it: it is handed over as a signal, and waits.
            await decider.decisions.decide(ticket, False, subject="grace", note=SAID)
            failed = await eventually_failed(decider, ticket)
            assert read(file)[0].id in failed
            assert "poor.keys" in failed
            assert SAID not in failed
            with_key_of(poor, file)
            with_key_of(file, poor)  # for whoever replays all of it
            outcome = await lacking.result(ticket)
        assert (outcome.kind, outcome.decided_by) == (OutcomeKind.HANDED_OVER, ["grace"])
        assert SAID in outcome.reason


def with_key_of(poor: Path, rich: Path) -> None:
    """Add the other file's key, to read."""
    line = f"read {read(rich)[0].id} {read(rich)[0].key.hex()}\n"
    poor.write_text(poor.read_text("utf-8") + line, "utf-8")


async def eventually_failed(stage: Stage, ticket: str) -> str:
    """What the ticket's first failed task says."""
    said: list[str] = []

    async def failed() -> bool:
        for event in await events(stage, ticket):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                said.append(str(event.workflow_task_failed_event_attributes.failure))
        return bool(said)

    await eventually(failed)
    return said[0]


async def test_a_worker_that_would_write_in_the_open_although_keys_are_set_does_not_start(
    client: Client, settings: Settings, file: Path
) -> None:
    told_to = told(settings, file)
    with pytest.raises(ValueError, match=r"no payload codec: connect with .*data_converter"):
        Worker(client, task_queue="q", plugins=[MendwheelPlugin(told_to)])
    host = MendwheelPlugin(settings)
    worker = Worker(client, task_queue="q", plugins=[host])
    assert worker.client.data_converter.payload_codec is None, "a host gets none from the plugin"
