"""Ask a human, wait, remind, escalate, expire. Survives restarts; owns no I/O."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.acting import Amended
from mendwheel.domain.approval import (
    Amendment,
    Approval,
    Authorisation,
    Decision,
    Reply,
    Ruling,
    RulingKind,
    Vote,
    objection,
    rule,
    stale,
)
from mendwheel.domain.remedy import Remedy
from mendwheel.workflows import timeouts

Authorise = Callable[[Approval | None, Decision, str, bool], Awaitable[Authorisation]]
"""The open question, a decision, what stands against it, and whether it was allowed before."""
Amend = Callable[[Approval, Amendment], Awaitable[Amended]]
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
        self.edited: tuple[Remedy, str] | None = None
        """Other arguments for what was asked about, and who gave them."""

    @property
    def open(self) -> Approval | None:
        """The question that waits for an answer now."""
        return self._asked

    @property
    def settled(self) -> bool:
        """Whether somebody has answered or edited it."""
        return self._ruling is not None or self.edited is not None

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
        asked, arrived = self._asked, workflow.now()
        reason = objection(asked, decision, arrived) or ""
        try:
            answer = await self._authorise(asked, decision, reason, False)
        except (ActivityError, ApplicationError):
            # Out of a signal's handler this would fail the ticket. Not kept: it may be sent again.
            del self._replies[decision.decision_id]
            return Reply(accepted=False, reason="its author could not be looked up: send it again")
        reply = self._count(asked, decision, answer, arrived)
        self._replies[decision.decision_id] = reply
        if answer.allowed and not reply.accepted:
            await self._overturn(asked, decision, reply.reason)
        return reply

    async def _overturn(self, asked: Approval | None, decision: Decision, reason: str) -> None:
        """It was kept as allowed; what is kept has to say that it did not count."""
        try:
            await self._authorise(asked, decision, reason, True)
        except (ActivityError, ApplicationError) as error:
            workflow.logger.warning("a decision is still kept as allowed: %s", error)

    def _count(
        self, asked: Approval | None, decision: Decision, who: Authorisation, arrived: datetime
    ) -> Reply:
        # Checked again: the question may have been settled while the author was looked up. By the
        # time it arrived: after a local activity the clock may read otherwise in a replay.
        reason = objection(self._asked, decision, arrived)
        if reason or asked is None or self._asked is None:
            return Reply(accepted=False, reason=reason or "nothing waits for a decision")
        if self._ruling is not None:
            return Reply(accepted=False, reason=_settled(self._ruling), ruling=self._ruling)
        if self.edited is not None:
            return Reply(accepted=False, reason=f"{self.edited[1]} has edited it meanwhile")
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

    def validate_amendment(self, amendment: Amendment) -> None:
        """Refuse to the sender's face an edit of what is not asked any more."""
        reason = stale(self._asked, amendment.request_id, workflow.now())
        if reason and amendment.decision_id not in self._replies:
            raise ApplicationError(reason, type="DecisionRefused", non_retryable=True)

    async def amend(self, amendment: Amendment, resolve: Amend) -> Reply:
        """Take an edit in, once. The open question is superseded, and decisions on it are late."""
        known = self._replies.get(amendment.decision_id)
        if known is not None:
            return known
        self._replies[amendment.decision_id] = Reply(accepted=False, reason="being checked")
        asked = self._asked
        assert asked is not None, "the validator refuses an edit of nothing"
        try:
            amended = await resolve(asked, amendment)
        except (ActivityError, ApplicationError):
            del self._replies[amendment.decision_id]
            return Reply(accepted=False, reason="its author could not be looked up: send it again")
        settled = self._asked is not asked or self._ruling is not None or self.edited is not None
        if amended.remedy is None or settled:
            reason = amended.reason or "somebody was faster: the question is settled or edited"
            reply = Reply(accepted=False, reason=reason)
        else:
            self.edited = (amended.remedy, amended.subject)
            reply = Reply(accepted=True, reason="it is asked again with these arguments")
        self._replies[amendment.decision_id] = reply
        return reply

    async def ask(
        self, approval: Approval, announce: Announce, interrupted: Callable[[], bool]
    ) -> Ruling:
        """Put the question, wait for the ruling; default is no."""
        self._asked, self._votes, self._ruling, self.edited = approval, [], None, None
        try:
            await announce(approval, "asked", 0)
            await self._wait(approval, announce, lambda: interrupted() or self.edited is not None)
        finally:
            self._asked = None
        if self._ruling is not None:
            return self._ruling
        if interrupted():
            self.edited = None  # what came in between is considered first
            return Ruling(kind=RulingKind.SUPERSEDED)
        if self.edited is not None:
            return Ruling(kind=RulingKind.SUPERSEDED, by=[self.edited[1]], note="edited")
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
                timeout=max(pause, timeouts.SHORTEST),
                timeout_summary="until the next reminder or the end of the question",
            )
        except TimeoutError:
            return False
        return True


def _settled(ruling: Ruling) -> str:
    by = f" by {', '.join(ruling.by)}" if ruling.by else ""
    return f"already {ruling.kind.value}{by}"
