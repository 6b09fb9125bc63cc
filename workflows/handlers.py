"""What can be said to a running ticket, and asked of it. Handlers only change state."""

from temporalio import workflow

from mendwheel.contracts.messages import (
    Cancel,
    Closure,
    Delivery,
    Link,
    Reopen,
    Status,
    TakeOver,
    Timeline,
)
from mendwheel.domain.approval import Amendment, Decision, Reply
from mendwheel.domain.outcome import OutcomeFact
from mendwheel.domain.ticket import Information
from mendwheel.workflows.kept import kept
from mendwheel.workflows.life import Life


class TicketHandlers:
    """Signals, updates and queries of `TicketWorkflow`."""

    _life: Life

    @workflow.signal
    def report(self, delivery: Delivery) -> None:
        """Every start comes with this; a redelivery changes nothing."""
        self._life.state.take(delivery.delivery_id)
        self._life.audience.join(delivery.places)

    @workflow.signal
    def inform(self, information: Information) -> None:
        """New information: a reply in the thread, a comment, an answer to our question."""
        if self._life.state.take(information.delivery_id):
            self._life.state.information.append(information)

    @workflow.signal
    def reopen(self, reopen: Reopen) -> None:
        """It is not resolved after all."""
        if self._life.state.take(reopen.delivery_id):
            if reopen.information:
                self._life.state.information.append(reopen.information)
            self._life.reopen(reopen.who)

    @workflow.signal
    def cancel(self, cancel: Cancel) -> None:
        """Stop; what was found so far is recorded."""
        if self._life.state.take(cancel.delivery_id):
            self._life.stop(cancel.who)

    @workflow.signal
    def observe(self, fact: OutcomeFact) -> None:
        """Something a person did about the ticket elsewhere."""
        if self._life.state.take(fact.id):
            self._life.observe(fact)

    @workflow.signal
    def take_over(self, take_over: TakeOver) -> None:
        """A human goes on instead of us; what was found so far is recorded."""
        if self._life.state.take(take_over.delivery_id):
            self._life.take_over(take_over.who)

    @workflow.signal
    def link(self, link: Link) -> None:
        """A duplicate wants to close with this ticket."""
        if link.ticket_id not in self._life.state.linked:
            self._life.state.linked.append(link.ticket_id)

    @workflow.signal
    def closure(self, closure: Closure) -> None:
        """The ticket this one is a duplicate of has ended."""
        self._life.closure = closure

    @workflow.update
    async def decide(self, decision: Decision) -> Reply:
        """A decision whose sender waits for the answer."""
        await kept()
        return await self._life.gate.receive(decision)

    @decide.validator
    def validate_decide(self, decision: Decision) -> None:
        self._life.gate.validate(decision)

    @workflow.signal
    async def decision(self, decision: Decision) -> None:
        """A decision that nobody waits on."""
        await self._life.gate.receive(decision)

    @workflow.update
    async def amend(self, amendment: Amendment) -> Reply:
        """Other arguments for the proposed remedy: a new question takes the open one's place."""
        await kept()
        steps = self._life.steps
        return await self._life.gate.amend(amendment, steps.amend, steps.refuse_amendment)

    @amend.validator
    def validate_amend(self, amendment: Amendment) -> None:
        self._life.gate.validate_amendment(amendment)

    @workflow.query
    def status(self) -> Status:
        return self._life.status()

    @workflow.query
    def timeline(self) -> Timeline:
        return Timeline(steps=self._life.state.timeline)
