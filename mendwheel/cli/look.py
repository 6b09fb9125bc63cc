"""What is known of one ticket: from its workflow where that answers, from the store where not."""

import asyncio
from datetime import datetime

from pydantic import BaseModel, Field
from temporalio.client import WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.cli.session import Session, connect
from mendwheel.contracts import names
from mendwheel.contracts.messages import Status
from mendwheel.domain.approval import Approval
from mendwheel.domain.outcome import Outcome, Standing
from mendwheel.domain.state import Step
from mendwheel.domain.ticket import Phase, Severity, TicketKind
from mendwheel.integrations.reach import IntakeError, Reach, TemporalUnreachable, TicketNotFound
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

ASK_WITHIN = 3.0
"""Seconds a ticket's workflow is given to answer; without a worker it never would."""


class Message(BaseModel):
    """One thing that the suite wrote to the people of a ticket."""

    at: datetime
    text: str


class Look(BaseModel):
    """Everything `mendwheel show` shows."""

    ticket_id: str
    title: str = ""
    phase: Phase | None = None
    round: int = 1
    kind: TicketKind | None = None
    severity: Severity | None = None
    component: str | None = None
    waiting_for: str = ""
    approval: Approval | None = None
    outcome: Outcome | None = None
    provisional: bool = Field(False, description="the verification window has not passed yet")
    thread: list[Message] = []
    timeline: list[Step] = []
    missing: str = Field("", description="why the workflow was not asked; empty: it was")


async def look(settings: Settings, ticket: str) -> Look:
    """Raises TicketNotFound, TemporalUnreachable (only for a ticket that the store lacks)."""
    stores = Stores(settings.store_path)
    await asyncio.to_thread(stores.__enter__)
    try:
        found = await asyncio.to_thread(_from_store, stores, ticket)
        try:
            live = await _from_workflow(Reach(await connect(settings), settings), ticket)
        except IntakeError as error:
            if found is None:
                raise
            return found.model_copy(update={"missing": str(error)})
    finally:
        await asyncio.to_thread(stores.__exit__, None, None, None)
    return merged(live, found)


async def look_again(session: Session, ticket: str) -> Look:
    """The same over a connection that is open already, for watching."""
    found = await asyncio.to_thread(_from_store, session.stores, ticket)
    try:
        live = await _from_workflow(session.reach, ticket)
    except TicketNotFound:
        if found is None:
            raise
        return found
    return merged(live, found)


def merged(live: Look, stored: Look | None) -> Look:
    """The workflow's word on where it stands, the store's on what was written and decided."""
    if stored is None:
        return live
    if live.missing:
        stored.phase, stored.missing = live.phase, live.missing
        stored.title = stored.title or live.title
        return stored
    outcome = live.outcome or stored.outcome
    # The store hears of the end of the window; a closed run may have ended without a word.
    if outcome and stored.outcome and stored.outcome.round == outcome.round:
        outcome = stored.outcome
    live.outcome, live.thread = outcome, stored.thread
    live.title = live.title or stored.title
    return _judged(live)


def _judged(seen: Look) -> Look:
    outcome = seen.outcome
    provisional = outcome is not None and outcome.standing is Standing.PROVISIONAL
    return seen.model_copy(update={"provisional": provisional})


def _from_store(stores: Stores, ticket: str) -> Look | None:
    case = stores.cases.get(ticket)
    outcome = stores.outcomes.latest(ticket)
    thread = [Message(at=at, text=text) for at, text in stores.desk.thread(ticket)]
    if case is None and outcome is None and not thread:
        return None
    approval = stores.questions.open(ticket)
    seen = Look(ticket_id=ticket, outcome=outcome, thread=thread, approval=approval)
    if approval is not None:
        seen.waiting_for = f"a decision by {', '.join(approval.approvers)}"
    if outcome is not None:
        seen.round = outcome.round
    if case is not None:
        seen.title, seen.kind = case.title, case.kind
        seen.severity, seen.component = case.severity, case.component
    return _judged(seen)


async def _from_workflow(reach: Reach, ticket: str) -> Look:
    try:
        described = await reach.handle(ticket).describe()
    except RPCError as error:
        raise reach.explain(ticket, error) from error
    try:
        async with asyncio.timeout(ASK_WITHIN):
            status, timeline = await asyncio.gather(reach.status(ticket), reach.timeline(ticket))
    except (TimeoutError, TemporalUnreachable) as error:
        if _is_gone(error):
            raise
        return await _described(ticket, described)
    return _from_status(status, timeline.steps)


def _is_gone(error: BaseException) -> bool:
    cause = error.__cause__
    return isinstance(cause, RPCError) and cause.status is RPCStatusCode.UNAVAILABLE


def _from_status(status: Status, steps: list[Step]) -> Look:
    return Look(**dict(status), timeline=steps)


async def _described(ticket: str, described: WorkflowExecutionDescription) -> Look:
    phase = described.typed_search_attributes.get(names.PHASE)
    return Look(
        ticket_id=ticket,
        title=await described.static_summary() or "",
        phase=Phase(phase) if phase else None,
        missing="no worker answers for this ticket: start one with `mendwheel up`",
    )
