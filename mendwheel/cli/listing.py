"""Tickets from the store, joined with what one visibility query says of their workflows."""

import asyncio
from datetime import datetime

from pydantic import BaseModel
from temporalio.client import WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError

from mendwheel.cli.session import connect
from mendwheel.contracts import names
from mendwheel.domain.ids import tenant_prefix
from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import OutcomeKind, Standing
from mendwheel.domain.ticket import Phase, Severity, TicketKind
from mendwheel.integrations.reach import TemporalUnreachable
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


class Row(BaseModel):
    """One ticket in a list."""

    ticket_id: str
    title: str = ""
    opened_at: datetime
    open: bool
    phase: Phase | None = None
    kind: TicketKind | None = None
    severity: Severity | None = None
    component: str | None = None
    outcome: OutcomeKind | None = None
    standing: Standing | None = None


async def tickets(settings: Settings, *, only_open: bool, limit: int) -> tuple[list[Row], str]:
    """Newest first, and why phases are missing (empty: they are not)."""
    missing = ""
    try:
        running = await _running(settings, only_open, limit)
    except (TemporalUnreachable, RPCError) as error:
        running, missing = {}, str(error)
    rows = await asyncio.to_thread(_joined, settings, running, only_open, limit)
    rows.sort(key=lambda row: row.opened_at, reverse=True)
    return rows[:limit], missing


def _joined(
    settings: Settings, running: dict[str, WorkflowExecution], only_open: bool, limit: int
) -> list[Row]:
    with Stores(settings.store_path) as stores:
        cases = stores.cases.list(settings.tenant, open_only=only_open, limit=limit)
        rows = {case.ticket_id: _row(case, stores) for case in cases}
        for name, run in running.items():
            if name in rows:
                rows[name].phase = _phase(run)
            elif stores.cases.get(name) is None:
                rows[name] = _waiting(run)
    return list(rows.values())


def _row(case: Case, stores: Stores) -> Row:
    last = stores.outcomes.latest(case.ticket_id)
    return Row(
        ticket_id=case.ticket_id,
        title=case.title,
        opened_at=case.opened_at,
        open=case.open,
        kind=case.kind,
        severity=case.severity,
        component=case.component,
        outcome=last.kind if last else case.outcome,
        standing=last.standing if last else None,
    )


async def _running(settings: Settings, only_open: bool, limit: int) -> dict[str, WorkflowExecution]:
    """The latest run of each ticket, by one query over all of them."""
    client = await connect(settings)
    query = f"WorkflowType = '{names.TICKET_WORKFLOW}'"
    if only_open:
        query += " AND ExecutionStatus = 'Running'"
    prefix = tenant_prefix(settings.tenant)
    found: dict[str, WorkflowExecution] = {}
    async for run in client.list_workflows(query, limit=limit * 3):  # a ticket has several runs
        if run.id.startswith(prefix):
            found.setdefault(run.id, run)
    return found


def _phase(run: WorkflowExecution) -> Phase | None:
    if run.status is not WorkflowExecutionStatus.RUNNING:
        return Phase.CLOSED
    value = run.typed_search_attributes.get(names.PHASE)
    return Phase(value) if value in set(Phase) else None


def _waiting(run: WorkflowExecution) -> Row:
    """A ticket that no worker has taken in yet: the store knows nothing of it."""
    opened = run.start_time
    return Row(
        ticket_id=run.id,
        opened_at=opened,
        open=run.status is WorkflowExecutionStatus.RUNNING,
        phase=_phase(run),
    )
