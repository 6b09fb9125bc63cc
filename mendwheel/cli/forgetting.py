"""What `mendwheel forget` opens, waits for and looks at when the last ticket is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mendwheel.cli.session import connect
from mendwheel.integrations.forgetting import DELETING, Job, delete_again
from mendwheel.integrations.histories import Histories
from mendwheel.integrations.reach import TemporalUnreachable
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

WITHIN = 60.0
"""Seconds for deleted runs to disappear: Temporal deletes in the background."""
LOOK_AGAIN = 1.0


@asynccontextmanager
async def opened(settings: Settings, *, terminate: bool) -> AsyncIterator[Job]:
    """Raises StoreUnavailable; Temporal may be away."""
    histories, away = None, ""
    try:
        histories = Histories(await connect(settings))
    except TemporalUnreachable as error:
        away = str(error)
    stores = Stores(settings.store_path)
    await asyncio.to_thread(stores.__enter__)
    try:
        yield Job(settings, stores, histories, settings.user, away, terminate)
    finally:
        await asyncio.to_thread(stores.__exit__, None, None, None)


async def wait(job: Job) -> None:
    """Until Temporal has deleted what it was asked to, or for as long as anybody waits."""
    end = asyncio.get_running_loop().time() + WITHIN
    while waiting := [report for report in job.reports if report.left == DELETING]:
        for report in waiting:
            await delete_again(job, report)
        if asyncio.get_running_loop().time() > end:
            return
        await asyncio.sleep(LOOK_AGAIN)


async def finish(job: Job) -> bool:
    """After the last ticket: off the disk, and who quotes them. False: the log is still held."""

    def quotes() -> dict[str, list[str]]:
        gone = [report.ticket_id for report in job.reports if report.forgotten]
        return job.stores.forgetting.quoting(gone) if gone else {}

    found = await asyncio.to_thread(quotes)
    for report in job.reports:
        report.quoted_in = [other for other, cited in found.items() if report.ticket_id in cited]
    return await asyncio.to_thread(job.stores.forgetting.scrub)
