"""Ask a human, wait, remind, escalate, expire. Survives restarts; owns no I/O."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.judging import AuthoriseRequest, JudgingStub
from mendwheel.contracts.names import APPROVAL_WORKFLOW
from mendwheel.domain.approval import (
    Approval,
    Authorisation,
    Decision,
    Reply,
    Ruling,
    RulingKind,
    Vote,
    objection,
    rule,
)
from mendwheel.domain.ticket import Ticket
from mendwheel.workflows.timeouts import KEEP_TRYING, LOCAL

Authorise = Callable[[Approval | None, Decision, str], Awaitable[Authorisation]]
Announce = Callable[[Approval, str, int], Awaitable[None]]
"""The question, why it is said now (asked, reminder, escalated), and the how manieth time."""


class ApprovalGate:
    """One open question at a time. Handlers hand decisions in; `ask` returns the ruling."""

    def __init__(self, authorise: Authorise) -> None:
        self._authorise = authorise
        self._asked: Approval | None = None
        self._votes: list[Vote] = []
        self._ruling: Ruling | None = None
        self._replies: dict[str, Reply] = {}

    @property
    def open(self) -> Approval | None:
        """The question that waits for an answer now."""
        return self._asked

    def validate(self, decision: Decision) -> None:
        """Refuse to the sender's face what cannot count, whoever sent it."""
        if decision.decision_id in self._replies:
            return
        reason = objection(self._asked, decision, workflow.now())
        if reason:
            raise ApplicationError(reason, type="DecisionRefused", non_retryable=True)

    async def receive(self, decision: Decision) -> Reply:
        """Take a decision in, once; the same id again gets the same answer."""
        known = self._replies.get(decision.decision_id)
        if known is not None:
            return known
        # Claimed before the first await: the same decision may arrive as update and signal.
        self._replies[decision.decision_id] = Reply(accepted=False, reason="being checked")
        asked = self._asked
        reason = objection(asked, decision, workflow.now()) or ""
        try:
            answer = await self._authorise(asked, decision, reason)
        except (ActivityError, ApplicationError):
            # Out of a signal's handler this would fail the ticket. Not kept: it may be sent again.
            del self._replies[decision.decision_id]
            return Reply(accepted=False, reason="its author could not be looked up: send it again")
        reply = self._count(asked, decision, answer)
        self._replies[decision.decision_id] = reply
        return reply

    def _count(self, asked: Approval | None, decision: Decision, who: Authorisation) -> Reply:
        # Checked again: the question may have been settled while the author was looked up.
        reason = objection(self._asked, decision, workflow.now())
        if reason or asked is None or self._asked is None:
            return Reply(accepted=False, reason=reason or "nothing waits for a decision")
        if self._ruling is not None:
            return Reply(accepted=False, reason=_settled(self._ruling), ruling=self._ruling)
        if not who.allowed:
            return Reply(accepted=False, reason=who.reason)
        if any(vote.subject == who.subject for vote in self._votes):
            return Reply(accepted=False, reason=f"{who.subject} has decided already")
        self._votes.append(
            Vote(
                decision_id=decision.decision_id,
                subject=who.subject,
                approved=decision.approved,
                note=decision.note,
            )
        )
        self._ruling = rule(asked, self._votes)
        missing = 0 if self._ruling else asked.needed - len(self._votes)
        return Reply(accepted=True, ruling=self._ruling, waiting_for=missing)

    async def ask(
        self, approval: Approval, announce: Announce, interrupted: Callable[[], bool]
    ) -> Ruling:
        """Put the question, wait for the ruling; default is no."""
        self._asked, self._votes, self._ruling = approval, [], None
        try:
            await announce(approval, "asked", 0)
            await self._wait(approval, announce, interrupted)
        finally:
            self._asked = None
        if self._ruling is not None:
            return self._ruling
        if interrupted():
            return Ruling(kind=RulingKind.SUPERSEDED)
        return Ruling(kind=RulingKind.EXPIRED, note="nobody decided in time")

    async def _wait(
        self, approval: Approval, announce: Announce, interrupted: Callable[[], bool]
    ) -> None:
        escalated, reminders = approval.escalate_after_seconds is None, 0
        while True:
            now = workflow.now()
            pause = min(approval.expires_at - now, timedelta(seconds=approval.remind_every_seconds))
            escalate_at = approval.asked_at + timedelta(
                seconds=approval.escalate_after_seconds or 0.0
            )
            if not escalated:
                pause = min(pause, escalate_at - now)
            if await self._settled_within(pause, interrupted):
                return
            if workflow.now() >= approval.expires_at:
                return
            if not escalated and workflow.now() >= escalate_at:
                escalated = True
                await announce(approval, "escalated", 0)
            else:
                reminders += 1
                await announce(approval, "reminder", reminders)

    async def _settled_within(self, pause: timedelta, interrupted: Callable[[], bool]) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self._ruling is not None or interrupted(),
                timeout=max(pause, timedelta(0)),
                timeout_summary="until the next reminder or the end of the question",
            )
        except TimeoutError:
            return False
        return True


def _settled(ruling: Ruling) -> str:
    by = f" by {', '.join(ruling.by)}" if ruling.by else ""
    return f"already {ruling.kind.value}{by}"


class ApprovalInput(BaseModel):
    """What a host starts `mendwheel.approval` with."""

    ticket: Ticket
    approval: Approval


@workflow.defn(name=APPROVAL_WORKFLOW)
class ApprovalWorkflow:
    """The question on its own, for a host's workflows: run it as a child, use its ruling."""

    @workflow.init
    def __init__(self, start: ApprovalInput) -> None:
        self._start = start
        self._gate = ApprovalGate(self._authorise)
        self._withdrawn = False

    @workflow.run
    async def run(self, start: ApprovalInput) -> Ruling:
        ruling = await self._gate.ask(start.approval, self._announce, lambda: self._withdrawn)
        await workflow.execute_local_activity_method(
            JudgingStub.settled,
            start.approval.request_id,
            start_to_close_timeout=LOCAL,
            retry_policy=KEEP_TRYING,
            summary="the question is settled",
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return ruling

    @workflow.update
    async def decide(self, decision: Decision) -> Reply:
        """A decision whose sender waits for the answer."""
        return await self._gate.receive(decision)

    @decide.validator
    def validate_decide(self, decision: Decision) -> None:
        self._gate.validate(decision)

    @workflow.signal
    async def decision(self, decision: Decision) -> None:
        """A decision that nobody waits on."""
        await self._gate.receive(decision)

    @workflow.signal
    def withdraw(self) -> None:
        """The question is no longer needed."""
        self._withdrawn = True

    @workflow.query
    def question(self) -> Approval | None:
        return self._gate.open

    async def _announce(self, approval: Approval, why: str, number: int) -> None:
        workflow.set_current_details(f"**{why}**: {approval.question}\n\n`{approval.request_id}`")
        if why == "asked":
            await workflow.execute_local_activity_method(
                JudgingStub.asked,
                approval,
                start_to_close_timeout=LOCAL,
                retry_policy=KEEP_TRYING,
                summary="keep the open question",
            )

    async def _authorise(
        self, asked: Approval | None, decision: Decision, reason: str
    ) -> Authorisation:
        return await workflow.execute_local_activity_method(
            JudgingStub.authorise,
            AuthoriseRequest(
                ticket=self._start.ticket, approval=asked, decision=decision, objection=reason
            ),
            start_to_close_timeout=LOCAL,
            retry_policy=KEEP_TRYING,
            summary=f"may {decision.subject} decide?",
        )
