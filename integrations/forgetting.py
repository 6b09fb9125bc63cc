"""Forgets tickets one after another: in the store at once, in Temporal when that answers."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel, Field
from temporalio.service import RPCError

from mendwheel.integrations.elsewhere import elsewhere
from mendwheel.integrations.histories import Histories, Run
from mendwheel.integrations.reach import TicketNotFound
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.stores.forgetting import Traces

_GO_ON = "; then `mendwheel forget` goes on"
DELETING = f"its histories, which Temporal is still deleting{_GO_ON}"
ANEW = "what was reported anew since: it is a ticket of its own"


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
    by: str
    away: str = ""
    terminate: bool = False
    """End what runs; else it is left alone."""
    ask_first: bool = False
    """Leave everything alone while Temporal cannot say what runs; else only what is open."""
    reports: list[Report] = field(default_factory=list)


def due(stores: Stores, settings: Settings) -> list[str]:
    """Tickets past their tenant's time, and those of which something is left from before."""
    now, found = stores.now(), stores.forgetting.waiting()
    for tenant in stores.forgetting.tenants():
        days = settings.retention_days_of.get(tenant, settings.retention_days)
        if days:
            found += stores.forgetting.closed_before(now - timedelta(days=days), tenant)
    return list(dict.fromkeys(found))


async def plan(job: Job, ticket: str) -> Report:
    """What there is of a ticket, and what keeps it from being forgotten now (`left`).

    Raises TicketNotFound.
    """
    traces, runs = await _seen(job, ticket)
    if not (traces.rows or traces.noted or runs):
        raise TicketNotFound(f"no ticket {ticket}: `mendwheel list` shows the known ones")
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
    if job.histories is None and (traces.open or job.ask_first):
        return f"it may be running, and Temporal cannot be asked: {job.away}"
    return ""


async def forget(job: Job, ticket: str) -> Report:
    """Does what `plan` says; where that says why not, nothing."""
    report = await plan(job, ticket)
    if not report.left:
        await carry_out(job, report)
    job.reports.append(report)
    return report


async def carry_out(job: Job, report: Report) -> None:
    """The ticket goes; `left` says what of it Temporal still has."""
    ticket, forgetting = report.ticket_id, job.stores.forgetting
    try:
        # First, so that nothing goes on writing while it is deleted.
        if job.histories is not None:
            await job.histories.end(await job.histories.of(ticket))
        await asyncio.to_thread(forgetting.forget, ticket, job.by)
        if job.histories is None:
            report.left = f"its histories in Temporal: {job.away}{_GO_ON}"
        else:
            await _delete(job, job.histories, report)
    except RPCError as error:
        report.left = _unsaid(error)


async def delete_again(job: Job, report: Report) -> None:
    """Temporal is asked once more; nothing is left when it has nothing any more."""
    try:
        if job.histories is not None:
            if await _begun_anew(job, job.histories, report.ticket_id):
                report.left = ANEW
            else:
                await _delete(job, job.histories, report)
    except RPCError as error:
        report.left = _unsaid(error)


async def _begun_anew(job: Job, histories: Histories, ticket: str) -> bool:
    """What ran before was ended and deleted: this is not what was to be forgotten."""
    if any(run.ours and run.running for run in await histories.of(ticket)):
        return True
    return ticket not in await asyncio.to_thread(job.stores.forgetting.waiting)


async def _delete(job: Job, histories: Histories, report: Report) -> None:
    forgetting, ticket = job.stores.forgetting, report.ticket_id
    if await histories.delete(ticket):
        report.left = DELETING
        return
    # A step that was under way when its run was terminated may have written since.
    await asyncio.to_thread(forgetting.forget, ticket, job.by)
    await asyncio.to_thread(forgetting.history_gone, ticket)
    report.left = ""


def _unsaid(error: RPCError) -> str:
    return f"its histories in Temporal, which said: {error.message}{_GO_ON}"


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
