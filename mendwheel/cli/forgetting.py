"""Forgets tickets one after another: in the store at once, in Temporal when that answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import BaseModel, Field
from temporalio.service import RPCError

from mendwheel.cli.elsewhere import elsewhere
from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.session import connect
from mendwheel.integrations.histories import Histories, Run
from mendwheel.integrations.reach import TemporalUnreachable
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.stores.forgetting import Traces

WITHIN = 60.0
"""Seconds for deleted runs to disappear: Temporal deletes in the background."""
LOOK_AGAIN = 1.0
_GO_ON = "; then `mendwheel forget` goes on"
_DELETING = f"its histories, which Temporal is still deleting{_GO_ON}"


class Report(BaseModel):
    """What became of one ticket, or in a dry run what would."""

    ticket_id: str
    forgotten: dict[str, int] = Field({}, description="rows deleted or stripped, by kind")
    runs: int = Field(0, description="histories in Temporal")
    left: str = Field("", description="what is still to be done, and how; empty: nothing")
    elsewhere: list[str] = Field([], description="what this cannot reach")
    quoted_in: list[str] = Field([], description="tickets whose evidence quotes it")


@dataclass
class Job:
    """Everything open: the store, and Temporal if it answers."""

    settings: Settings
    stores: Stores
    histories: Histories | None
    away: str = ""
    terminate: bool = False
    """End what runs; else it is left alone."""
    reports: list[Report] = field(default_factory=list)


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
        yield Job(settings, stores, histories, away, terminate)
    finally:
        await asyncio.to_thread(stores.__exit__, None, None, None)


async def plan(job: Job, ticket: str) -> Report:
    """What there is of a ticket, and what keeps it from being forgotten now (`left`).

    Raises CommandError: nobody knows such a ticket.
    """
    traces, runs = await _seen(job, ticket)
    if not (traces.rows or traces.noted or runs):
        raise CommandError(
            f"no ticket {ticket}: `mendwheel list` shows the known ones", Exit.NOT_FOUND
        )
    effects = await asyncio.to_thread(job.stores.ledger.entries, ticket)
    return Report(
        ticket_id=ticket,
        forgotten={name: count for name, count in traces.counts.items() if count},
        runs=sum(run.ours for run in runs),
        left=_in_the_way(job, traces, runs),
        elsewhere=elsewhere(effects, runs, job.settings),
    )


def _in_the_way(job: Job, traces: Traces, runs: list[Run]) -> str:
    if any(run.ours and run.running for run in runs) and not job.terminate:
        return "it is running: wait for its end, or give --running to terminate it"
    if job.histories is None and traces.open:
        return f"it may be running, and Temporal cannot be asked: {job.away}"
    return ""


async def forget(job: Job, ticket: str) -> Report:
    """Does what `plan` says; where that says why not, nothing."""
    report = await plan(job, ticket)
    if not report.left:
        await _carry_out(job, report)
    job.reports.append(report)
    return report


async def _carry_out(job: Job, report: Report) -> None:
    ticket, forgetting = report.ticket_id, job.stores.forgetting
    try:
        # First, so that nothing goes on writing while it is deleted.
        if job.histories is not None:
            await job.histories.end(await job.histories.of(ticket))
        await asyncio.to_thread(forgetting.forget, ticket, job.settings.user)
        if job.histories is None:
            report.left = f"its histories in Temporal: {job.away}{_GO_ON}"
        elif await job.histories.delete(ticket):
            report.left = _DELETING
        else:
            await _histories_gone(job, report)
    except RPCError as error:
        report.left = f"its histories in Temporal, which said: {error.message}{_GO_ON}"


async def _histories_gone(job: Job, report: Report) -> None:
    forgetting, ticket = job.stores.forgetting, report.ticket_id
    # A step that was under way when its run was terminated may have written since.
    await asyncio.to_thread(forgetting.forget, ticket, job.settings.user)
    await asyncio.to_thread(forgetting.history_gone, ticket)
    report.left = ""


async def wait(job: Job) -> None:
    """Until Temporal has deleted what it was asked to, or for as long as anybody waits."""
    end = asyncio.get_running_loop().time() + WITHIN
    while waiting := [report for report in job.reports if report.left == _DELETING]:
        for report in waiting:
            try:
                if job.histories and not await job.histories.delete(report.ticket_id):
                    await _histories_gone(job, report)
            except RPCError as error:
                report.left = f"its histories in Temporal, which said: {error.message}{_GO_ON}"
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


async def _seen(job: Job, ticket: str) -> tuple[Traces, list[Run]]:
    traces = await asyncio.to_thread(job.stores.forgetting.traces, ticket)
    if job.histories is None:
        return traces, []
    try:
        return traces, await job.histories.of(ticket)
    except RPCError as error:
        # It answered a moment ago. What the store says holds; the rest is done later.
        job.histories, job.away = None, f"Temporal said: {error.message}"
        return traces, []
