"""The plugin on workers, clients and replayers, in every combination a host may choose."""

import warnings
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from lanternpost.host.remedies import REMEDIES
from temporalio.activity import _Definition
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
)
from temporalio.worker import Replayer, Worker

from mendwheel.house import House
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.intake import Intake
from mendwheel.plugin import MendwheelPlugin
from mendwheel.ports import StoreUnavailable
from mendwheel.security.attestation import AttestationKeyError
from mendwheel.settings import Settings
from mendwheel.workflows.ticket import TicketWorkflow

Starter = Callable[[], Awaitable[Client]]
Send = Callable[[MendwheelPlugin], Awaitable[Any]]


async def test_plugin_on_the_worker_alone_runs_tickets(
    client: Client, settings: Settings, send: Send
) -> None:
    plugin = MendwheelPlugin(settings, strict=True)
    async with Worker(client, task_queue=settings.task_queue, plugins=[plugin]):
        _, outcome = await send(plugin)
    assert outcome.reason


async def test_plugin_on_the_client_alone_runs_tickets(
    starter: Starter, settings: Settings, send: Send
) -> None:
    client = await starter()
    [plugin] = client.config()["plugins"]
    assert isinstance(plugin, MendwheelPlugin)
    async with Worker(client, task_queue=settings.task_queue):
        _, outcome = await send(plugin)
    assert outcome.reason


async def test_plugin_on_client_and_worker_is_applied_once(
    starter: Starter, settings: Settings, send: Send
) -> None:
    plugin = MendwheelPlugin(settings)
    with pytest.warns(UserWarning, match="The same plugin type") as caught:
        worker = Worker(await starter(), task_queue=settings.task_queue, plugins=[plugin])
    assert len(caught) == 1, "the SDK's own advice to give it once, and nothing else"
    active = worker.config(active_config=True)
    assert list(active["workflows"]).count(TicketWorkflow) == 1
    assert len(active["activities"]) == len(set(active["activities"]))
    assert len(active["interceptors"]) == 1
    async with worker:
        _, outcome = await send(plugin)
    assert outcome.reason


async def test_workers_own_plugin_goes_before_the_clients(
    client: Client, settings: Settings, send: Send, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    carried = MendwheelPlugin(settings.model_copy(update={"home": elsewhere}))
    given = MendwheelPlugin(settings, remedies=REMEDIES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the SDK's advice to give it once
        worker = Worker(
            await Client.connect(client.service_client.config.target_host, plugins=[carried]),
            task_queue=settings.task_queue,
            plugins=[given],
        )
    # Bound methods are equal only when they are bound to the same object.
    assert set(worker.config(active_config=True)["activities"]) == set(_activities(given))
    assert not set(_activities(given)) & set(_activities(carried))
    async with worker:
        _, outcome = await send(given)
    assert outcome.reason
    assert not elsewhere.exists()


def _activities(plugin: MendwheelPlugin) -> Sequence[Callable[..., Any]]:
    assert isinstance(plugin.activities, list)
    return plugin.activities


async def test_one_plugin_instance_on_both_sides_runs_tickets(
    client: Client, settings: Settings, send: Send
) -> None:
    plugin = MendwheelPlugin(settings)
    both = await Client.connect(client.service_client.config.target_host, plugins=[plugin])
    with pytest.warns(UserWarning, match="same plugin type"):
        worker = Worker(both, task_queue=settings.task_queue, plugins=[plugin])
    async with worker:
        _, outcome = await send(plugin)
    assert outcome.reason


async def test_two_workers_share_one_store_and_the_last_closes_it(
    client: Client, settings: Settings, send: Send
) -> None:
    plugin = MendwheelPlugin(settings, strict=True)
    store = plugin.house.stores.store
    first = Worker(client, task_queue=settings.task_queue, plugins=[plugin])
    second = Worker(client, task_queue=f"{settings.task_queue}-2", plugins=[plugin])
    async with first:
        async with second:
            await send(plugin)
            writer = store._writer
        await send(plugin)  # the second has left: the store is still open for the first
        assert writer is not None
        assert store._writer is writer
    with pytest.raises(StoreUnavailable):
        store.rows("SELECT 1")


async def test_a_worker_that_cannot_start_leaves_nothing_open(settings: Settings) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    key = settings.home / "attestation.key"
    key.write_text("no key", "utf-8")
    key.chmod(0o600)
    house = House(settings)
    for _ in range(2):  # a host may try again
        with pytest.raises(AttestationKeyError):
            await house.open()
        with pytest.raises(StoreUnavailable, match="not open"):
            house.stores.cases.get("t")
    key.unlink()
    await house.open()
    await house.close()
    with pytest.raises(StoreUnavailable, match="not open"):
        house.stores.cases.get("t")


async def test_users_payload_codec_is_kept(client: Client, settings: Settings) -> None:
    codec = Marking()
    plugin = MendwheelPlugin(settings, strict=True)
    coded = await Client.connect(
        client.service_client.config.target_host,
        data_converter=DataConverter(payload_codec=codec),
    )
    worker = Worker(coded, task_queue=settings.task_queue, plugins=[plugin])
    assert worker.client.data_converter.payload_codec is codec
    assert coded.data_converter.payload_converter_class is not (
        worker.client.data_converter.payload_converter_class
    ), "the host's own client is left as it was"
    codec.seen = 0
    async with worker:
        sender = await Client.connect(
            client.service_client.config.target_host,
            data_converter=DataConverter(payload_codec=codec),
            plugins=[MendwheelPlugin(settings)],
        )
        history = await _resolve_with(sender, plugin)
    started = history.events[0].workflow_execution_started_event_attributes
    assert {each.metadata["encoding"] for each in started.input.payloads} == {b"binary/marked"}
    assert codec.seen > len(started.input.payloads), "results are coded too, not the start alone"


async def _resolve_with(client: Client, plugin: MendwheelPlugin) -> Any:
    intake = Intake(client, plugin.house.stores, plugin.house.settings)
    submitted = await intake.submit(
        Draft(title="Where?", reporter=plugin.house.settings.task_queue), dry_run=True
    )
    handle = client.get_workflow_handle_for(TicketWorkflow.run, submitted.ticket_id)
    assert (await handle.result()).reason
    return await handle.fetch_history()


class Marking(PayloadCodec):
    """Wraps every payload, so that a history shows who coded it."""

    seen = 0

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        self.seen += len(payloads)
        return [
            Payload(metadata={"encoding": b"binary/marked"}, data=each.SerializeToString())
            for each in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload.FromString(each.data) for each in payloads]


async def test_hosts_activity_executor_is_kept(
    client: Client, settings: Settings, send: Send
) -> None:
    plugin = MendwheelPlugin(settings)
    with Counting(100) as executor:
        async with Worker(
            client,
            task_queue=settings.task_queue,
            plugins=[plugin],
            activity_executor=executor,
        ):
            await send(plugin)
    assert executor.submitted > 0


class Counting(ThreadPoolExecutor):
    submitted = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        self.submitted += 1
        return super().submit(*args, **kwargs)


async def test_history_replays_with_the_plugin_alone_and_without_a_store(
    client: Client, settings: Settings, send: Send, tmp_path: Path
) -> None:
    plugin = MendwheelPlugin(settings, strict=True)
    async with Worker(client, task_queue=settings.task_queue, plugins=[plugin]):
        handle, _ = await send(plugin)
    elsewhere = tmp_path / "replayed"
    replayer = Replayer(workflows=[], plugins=[MendwheelPlugin(Settings(home=elsewhere))])
    await replayer.replay_workflow(await handle.fetch_history())
    assert not elsewhere.exists()


async def test_foreign_payload_converter_is_refused_by_name(
    client: Client, settings: Settings
) -> None:
    with pytest.raises(ValueError, match=r"must extend `PydanticPayloadConverter`, got `JSONOnly`"):
        await Client.connect(
            client.service_client.config.target_host,
            data_converter=DataConverter(payload_converter_class=JSONOnly),
            plugins=[MendwheelPlugin(settings)],
        )


class JSONOnly(CompositePayloadConverter):
    def __init__(self) -> None:
        super().__init__(JSONPlainPayloadConverter())


def test_no_activity_of_ours_is_broken_off_in_the_middle_of_a_write(settings: Settings) -> None:
    # Temporal cancels a thread's activity by raising in the thread, wherever it is.
    found = [_Definition.must_from_callable(each) for each in House(settings).activities()]
    threaded = [each for each in found if not each.is_async]
    assert threaded
    assert [each.name for each in threaded if not each.no_thread_cancel_exception] == []


async def test_a_worker_without_a_cache_is_refused(client: Client, settings: Settings) -> None:
    with pytest.raises(ValueError, match="max_cached_workflows"):
        Worker(
            client,
            task_queue=settings.task_queue,
            plugins=[MendwheelPlugin(settings)],
            max_cached_workflows=0,
        )
