"""Has the running worker forget tickets whose time is over, by a Temporal Schedule."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client, ScheduleActionStartWorkflow

from mendwheel.domain.retention import SweepRequest, Swept
from mendwheel.integrations.forgetting import DELETING, Job, carry_out, due, plan
from mendwheel.integrations.histories import Histories
from mendwheel.integrations.schedules import ensure, every
from mendwheel.integrations.trying import kept
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.stores.resealing import reseal
from mendwheel.workflows.retention import RetentionWorkflow

AT_ONCE = 50
PAUSE = timedelta(hours=1)
BY = "mendwheel"
"""Who has forgotten them, in the audit."""
_OTHER = (
    "forgets nothing: a worker on %s that started later has other retention_days: give all of them"
    " the same, and start them again"
)

_log = logging.getLogger(__name__)


@asynccontextmanager
async def sweeping(client: Client, settings: Settings, queue: str) -> AsyncIterator[None]:
    """Beside a worker on `queue`: has the schedule made, as soon as Temporal lets it be."""
    if not settings.retains:
        yield  # a schedule of before takes itself away when it is due
        return
    made = kept("retention", lambda: ensure_schedule(client, settings, queue))
    try:
        yield
    finally:
        made.cancel()
        await asyncio.gather(made, return_exceptions=True)


async def ensure_schedule(client: Client, settings: Settings, queue: str) -> bool:
    """Make the schedule of `queue` what the settings say; safe to repeat.

    Returns whether there is one now. Raises TemporalUnreachable.
    """
    name = f"mendwheel-retention-{queue}"
    if not settings.retains:
        return await ensure(client, settings, name, None)
    sweep = ScheduleActionStartWorkflow(
        RetentionWorkflow.run,
        SweepRequest(days=settings.retention_days, days_of=settings.retention_days_of),
        id=name,
        task_queue=queue,
        static_summary="tickets whose time is over",
    )
    return await ensure(client, settings, name, every(PAUSE, sweep))


class Retention:
    """One sweep after another, with what `mendwheel forget --due` does."""

    def __init__(self, client: Client, queue: str, stores: Stores, settings: Settings) -> None:
        self._client, self._queue = client, queue
        self._stores, self._settings = stores, settings

    async def sweep(self, request: SweepRequest, *, again: bool) -> Swept:
        """Raises StoreUnavailable, TemporalUnreachable."""
        if not self._settings.retains:  # somebody has unset it since
            await ensure_schedule(self._client, self._settings, self._queue)
            _log.warning("took the retention schedule of %s away: no time is set", self._queue)
            return Swept()
        if not self._agrees(request):
            _log.warning(_OTHER, self._queue)
            return Swept(after=request.after)
        found = await asyncio.to_thread(due, self._stores, self._settings)
        rest = sorted(ticket for ticket in found if ticket > request.after)
        if not rest:
            return Swept(after=request.after)
        stores = self._stores
        # Texts of before tickets had keys would otherwise stay.
        await asyncio.to_thread(reseal, stores.store, stores.artifacts)
        said = await self._forgotten(rest[:AT_ONCE])
        # An attempt before this one may have deleted, and not have come here.
        if said.forgotten or again:
            await asyncio.to_thread(stores.forgetting.scrub)
        return said.model_copy(update={"more": len(rest) > AT_ONCE})

    def _agrees(self, request: SweepRequest) -> bool:
        """What was forgotten too early does not come back: no worker goes by a time of before."""
        ours = (self._settings.retention_days, self._settings.retention_days_of)
        return request.days is None or (request.days, request.days_of) == ours

    async def _forgotten(self, tickets: list[str]) -> Swept:
        job = Job(self._settings, self._stores, Histories(self._client), BY, ask_first=True)
        said = Swept(after=tickets[-1])
        for ticket in tickets:
            report = await plan(job, ticket)
            if not report.left:
                await carry_out(job, report)
                said.forgotten += bool(report.forgotten)
            if report.left:
                said.left += 1
                if report.left != DELETING:
                    _log.info("%s is not forgotten whole yet: %s", ticket, report.left)
        return said
