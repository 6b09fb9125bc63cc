"""A worker of the suite and of its host, with a clock that is off and boundaries to die at."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lanternpost.chat.monitoring import Monitoring
from lanternpost.host import state
from lanternpost.host.remedies import TASK_QUEUE
from lanternpost.host.workflows import WORKFLOWS
from lanternpost.tickets import SampleEvidence
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from bench.faults.deaths import Boundaries, Deaths
from bench.faults.host import ACTIVITIES, REMEMBERS
from bench.faults.plain import PlainLedger, retry_plainly
from bench.faults.ways import ELSEWHERE, NAMESPACE, specs
from mendwheel.cli.logs import to_stderr
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.recorded import RecordedSense
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.stores.clock import utc_now
from mendwheel.workers import options

STARTS = "starts.jsonl"


class Quiet:
    """A live sense that sees nothing: with it, running systems are looked at."""

    name = "quiet"

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        return []


def stores(settings: Settings, order: dict[str, Any]) -> Stores:
    """The stores by the process's own clock; the baseline's with its own ledger."""
    off = timedelta(seconds=order["shift"])

    def now() -> datetime:
        return utc_now() + off

    made = Stores(settings.store_path, now=now)
    if order["plain"]:
        made.ledger = PlainLedger(made.store, now)
    return made


def main(order: dict[str, Any], ready: Callable[[], None]) -> None:
    asyncio.run(work(order, ready))


async def connected(address: str, **how: Any) -> Client:
    """A start may meet the moment in which Temporal is killed: then it is tried again."""
    while True:
        try:
            return await Client.connect(address, **how)
        except RuntimeError:
            await asyncio.sleep(0.2)


def suite_of(order: dict[str, Any], settings: Settings, boundaries: Boundaries) -> MendwheelPlugin:
    """What is tested, with the alarms and remedies of `order`."""
    kept = stores(settings, order)
    monitoring = Monitoring(
        {
            service: [SampleEvidence.model_validate(each) for each in found]
            for service, found in order["alarms"].items()
        }
    )
    monitoring.attached = RecordedSense(kept.artifacts)
    return MendwheelPlugin(
        settings,
        remedies=specs(order["ways"], order["origin"]),
        reads=[monitoring],
        senses=[Quiet()],
        interceptors=[boundaries],
        stores=kept,
    )


async def work(order: dict[str, Any], ready: Callable[[], None]) -> None:
    folder = Path(order["folder"])
    os.environ[state.STATE_VARIABLE] = str(folder / "platform.json")
    os.environ[REMEMBERS] = "0" if order["plain"] else "1"
    if order["plain"]:
        retry_plainly()
    settings = Settings.model_validate(order["settings"])
    to_stderr(settings)
    boundaries = Boundaries(Deaths(folder), folder / STARTS)
    plugin = suite_of(order, settings, boundaries)
    client = await connected(settings.temporal_address, plugins=[plugin])
    suite = Worker(client, task_queue=settings.task_queue, **options())
    executor = ThreadPoolExecutor(4)
    namespaces = [settings.temporal_namespace]
    if ELSEWHERE in order["ways"].values():
        namespaces.append(NAMESPACE)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(suite)
        for namespace in namespaces:
            there = await connected(
                settings.temporal_address,
                namespace=namespace,
                data_converter=pydantic_data_converter,
            )
            host = Worker(
                there,
                task_queue=TASK_QUEUE,
                workflows=WORKFLOWS,
                activities=ACTIVITIES,
                activity_executor=executor,
                max_concurrent_activities=4,
                interceptors=[boundaries],
            )
            await stack.enter_async_context(host)
        ready()
        await asyncio.Event().wait()
