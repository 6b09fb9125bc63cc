"""Anything → Ticket → start its workflow or message it. Texts are stored before the start."""

import asyncio
import uuid
from datetime import UTC, datetime

from pydantic import BaseModel, Field
from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.contracts import names
from mendwheel.contracts.messages import Cancel, Delivery, Reopen, TakeOver
from mendwheel.domain.ids import CARD
from mendwheel.domain.outcome import OutcomeFact
from mendwheel.domain.state import TicketInput, TicketState
from mendwheel.domain.ticket import Information, Phase, Ticket
from mendwheel.integrations.drafts import Draft, by_rule, clean, to_ticket
from mendwheel.integrations.namespace import knows_search_attributes
from mendwheel.integrations.reach import IntakeError, Reach, TicketClosed, TicketNotFound
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.workflows.ticket import TicketWorkflow


class Submitted(BaseModel):
    """What became of a draft."""

    ticket_id: str
    run_id: str
    started: bool = Field(description="False: it joined a ticket that was there already")


class Intake:
    """Starts and messages ticket workflows."""

    def __init__(self, client: Client, stores: Stores, settings: Settings) -> None:
        self._client = client
        self._stores = stores
        self._settings = settings
        self._reach = Reach(client, settings)
        self._indexed: bool | None = None

    async def submit(
        self, draft: Draft, *, dry_run: bool = False, recall: bool = True
    ) -> Submitted:
        """Start the ticket's workflow durably, or join the one that is there.

        Raises:
            IntakeError: the text is empty.
            TicketClosed: it was dealt with already.
            TemporalUnreachable: nothing was started; send it again.
        """
        try:
            ticket, known, recorded = await asyncio.to_thread(self._take_in, draft)
        except ValueError as error:
            raise IntakeError(str(error)) from error
        if recorded:
            await self._refuse_forgotten(ticket)
        places = by_rule(draft, self._settings)[0].show_in
        state = TicketState(places=places, round=ticket.since)
        return await self._start(ticket, state, dry_run=dry_run, recall=recall, known=known)

    def _take_in(self, draft: Draft) -> tuple[Ticket, bool, bool]:
        """The ticket; whether it is known already, and whether an outcome of it is on record."""
        ticket = to_ticket(draft, self._stores, self._settings, datetime.now(UTC))
        case = self._stores.cases.get(ticket.id)
        known = case is not None and case.head is not None  # else it was learned, not worked on
        recorded = known and self._stores.outcomes.latest(ticket.id) is not None
        if not known:
            first = self._stores.forgetting.first_round(ticket.id)
            ticket = ticket.model_copy(update={"since": first})
        return ticket, known, recorded

    async def _start(
        self,
        ticket: Ticket,
        state: TicketState,
        *,
        dry_run: bool,
        recall: bool,
        known: bool = False,
        reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.REJECT_DUPLICATE,
    ) -> Submitted:
        index = await self._index()
        start = TicketInput(
            ticket=ticket,
            state=state,
            dry_run=dry_run,
            recall=recall,
            index=index,
            on_call=self._settings.oncall_url is not None,
        )
        places = [place for place in (ticket.place, *state.places) if place]
        try:
            handle = await self._client.start_workflow(
                TicketWorkflow.run,
                start,
                id=ticket.id,
                task_queue=self._settings.task_queue,
                id_reuse_policy=reuse,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                # Signal-with-start: durable even when no worker runs.
                start_signal="report",
                start_signal_args=[
                    Delivery(delivery_id=ticket.delivery_id, channel=ticket.system, places=places)
                ],
                search_attributes=_attributes(ticket) if index else None,
                static_summary=ticket.title,
            )
        except WorkflowAlreadyStartedError as error:
            raise _closed(ticket.id) from error
        except RPCError as error:
            raise self._reach.unreachable(error) from error
        return Submitted(
            ticket_id=ticket.id,
            run_id=handle.first_execution_run_id or handle.result_run_id or "",
            started=not known,
        )

    async def _index(self) -> bool:
        if self._indexed is None:
            try:
                self._indexed = await knows_search_attributes(self._client)
            except (RPCError, RuntimeError) as error:  # a lazy client connects only now
                raise self._reach.unreachable(error) from error
        return self._indexed

    async def inform(
        self, ticket: str, author: str, text: str, delivery_id: str | None = None
    ) -> None:
        """Add information to a running ticket. Raises TicketNotFound, TemporalUnreachable."""
        information = await asyncio.to_thread(self._information, ticket, author, text, delivery_id)
        await self._reach.signal(ticket, "inform", information)

    async def cancel(self, ticket: str, who: str, delivery_id: str | None = None) -> None:
        """Stop a running ticket. Raises TicketNotFound, TemporalUnreachable."""
        stop = Cancel(delivery_id=delivery_id or uuid.uuid4().hex, who=who)
        await self._reach.signal(ticket, "cancel", stop)

    async def take_over(self, ticket: str, who: str, delivery_id: str | None = None) -> None:
        """A human goes on instead of us. Raises TicketNotFound, TemporalUnreachable."""
        over = TakeOver(delivery_id=delivery_id or uuid.uuid4().hex, who=who)
        await self._reach.signal(ticket, "take_over", over)

    async def observe(self, ticket: str, fact: OutcomeFact) -> None:
        """Note what somebody did about a ticket; after its end straight in the store.

        Raises:
            TicketNotFound: neither a run nor an outcome of it is known.
            TemporalUnreachable
        """
        try:
            await self._reach.signal(ticket, "observe", fact)
        except TicketNotFound:
            if not await asyncio.to_thread(self._note_fact, ticket, fact):
                raise

    def _note_fact(self, ticket: str, fact: OutcomeFact) -> bool:
        stores = self._stores
        if stores.outcomes.latest(ticket) is None:
            return False
        if stores.outcomes.add_fact(ticket, fact):
            stores.audit.append(ticket, f"fact {fact.kind.value}", fact.who, {})
        return True

    async def reopen(
        self, ticket: str, who: str, note: str = "", delivery_id: str | None = None
    ) -> Submitted:
        """Start the next round: by signal while it is watched, by a new run when it is closed.

        The same `delivery_id` starts one round only. Raises TicketNotFound, TemporalUnreachable.
        """
        said, delivery = None, delivery_id or uuid.uuid4().hex
        if note:
            said = await asyncio.to_thread(self._information, ticket, who, note, None)
        again = Reopen(delivery_id=delivery, who=who, information=said)
        try:
            await self._reach.signal(ticket, "reopen", again)
            return Submitted(ticket_id=ticket, run_id="", started=False)
        except TicketNotFound:
            return await self._reopen_closed(ticket, said, delivery)

    async def _reopen_closed(
        self, ticket: str, said: Information | None, delivery: str
    ) -> Submitted:
        last = await asyncio.to_thread(self._stores.outcomes.latest, ticket)
        case = await asyncio.to_thread(self._stores.cases.get, ticket)
        if case is None or case.head is None:
            raise TicketNotFound(f"no ticket {ticket}: `mendwheel list` shows the known ones")
        # A run that was terminated recorded nothing: its round is taken up again, so that what
        # it had done already is found under the same keys.
        state = TicketState(round=max(case.head.since, last.round + 1 if last else 1))
        state.places = await asyncio.to_thread(self._followers, case.head)
        state.information = [said] if said else []
        return await self._start(
            case.head.model_copy(update={"delivery_id": delivery}),
            state,
            dry_run=False,
            recall=True,
            reuse=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )

    def _followers(self, ticket: Ticket) -> list[str]:
        """Further places that have its card: a run that is over cannot say them any more."""
        keys = [key for key, _ in self._stores.ledger.entries(ticket.id) if key.step == CARD]
        return [key.target for key in keys if key.target != ticket.place]

    def _information(
        self, ticket: str, author: str, text: str, delivery_id: str | None
    ) -> Information:
        case = self._stores.cases.get(ticket)
        tenant = case.head.tenant if case and case.head else self._settings.tenant
        return Information(
            delivery_id=delivery_id or uuid.uuid4().hex,
            author=author,
            text=self._stores.artifacts.put(tenant, clean(text), ticket),
            at=datetime.now(UTC),
        )

    async def _refuse_forgotten(self, ticket: Ticket) -> None:
        """Temporal forgets closed runs after its retention; the store does not."""
        try:
            await self._reach.handle(ticket.id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise _closed(ticket.id) from error
            raise self._reach.unreachable(error) from error


def _closed(ticket: str) -> TicketClosed:
    text = f"{ticket} is closed: `mendwheel reopen {ticket}` starts a new round"
    return TicketClosed(text, ticket)


def _attributes(ticket: Ticket) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(names.TENANT, ticket.tenant),
            SearchAttributePair(names.PHASE, Phase.INTAKE.value),
        ]
    )
