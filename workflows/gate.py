"""Ask a human, wait, remind, escalate, expire. Survives restarts; owns no I/O."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.acting import Amended
from mendwheel.domain.approval import (
    INVOLVED,
    UNJUDGED,
    Amendment,
    Approval,
    Authorisation,
    Decision,
    Reply,
    Ruling,
    RulingKind,
    Vote,
    beside,
    missing,
    objection,
    rule,
    stale,
    vote_of,
)
from mendwheel.domain.remedy import Remedy
from mendwheel.workflows import timeouts

Authorise = Callable[[Approval | None, Decision, str, bool], Awaitable[Authorisation]]
"""The open question, a decision, what stands against it, and whether it was allowed before."""
Amend = Callable[[Approval, Amendment], Awaitable[Amended]]
Refuse = Callable[[Approval | None, Amendment, str], Awaitable[None]]
"""The open question, an edit, and why it cannot count: to be written down."""
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
        """Refuse to the sender's face what cannot count, whoever sent it.

        Its edge writes that down. What comes without one is taken in, refused and written down by
        us: a validator can do neither, and Temporal keeps nothing of what it refuses.
        """
        if decision.decision_id in self._replies or decision.attestation is None:
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
            return Reply(accepted=False, reason=UNJUDGED)
        reply = self._count(asked, decision, answer, arrived)
        if answer.again:
            del self._replies[decision.decision_id]
            return reply
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
        vote = vote_of(who, decision, self._votes)
        if isinstance(vote, str):
            return Reply(accepted=False, reason=vote)
        self._votes = [*beside(who, self._votes), vote]
        self._ruling = rule(asked, self._votes)
        if self._ruling is not None:
            return Reply(accepted=True, ruling=self._ruling)
        reason = INVOLVED if len(self._votes) >= asked.needed else ""
        return Reply(accepted=True, reason=reason, waiting_for=missing(asked, self._votes))

    def validate_amendment(self, amendment: Amendment) -> None:
        """Refuse to the sender's face an edit of what is not asked any more."""
        if amendment.decision_id in self._replies or amendment.attestation is None:
            return
        reason = stale(self._asked, amendment.request_id, workflow.now())
        if reason:
            raise ApplicationError(reason, type="DecisionRefused", non_retryable=True)

    async def amend(
        self, amendment: Amendment, resolve: Amend, refuse: Refuse | None = None
    ) -> Reply:
        """Take an edit in, once. The open question is superseded, and decisions on it are late."""
        known = self._replies.get(amendment.decision_id)
        if known is not None:
            return known
        self._replies[amendment.decision_id] = Reply(accepted=False, reason="being checked")
        asked = self._asked
        outdated = stale(asked, amendment.request_id, workflow.now())
        if outdated or asked is None:
            reply = Reply(accepted=False, reason=outdated or "nothing waits for a decision")
            await self._write_down(refuse, asked, amendment, reply.reason)
            self._replies[amendment.decision_id] = reply
            return reply
        try:
            amended = await resolve(asked, amendment)
        except (ActivityError, ApplicationError):
            amended = Amended(subject="", reason=UNJUDGED, again=True)
        settled = self._asked is not asked or self._ruling is not None or self.edited is not None
        if amended.remedy is not None and not settled:
            self.edited = (amended.remedy, amended.subject)
            reply = Reply(accepted=True, reason="it is asked again with these arguments")
        else:
            faster = "somebody was faster: the question is settled or edited"
            reply = Reply(accepted=False, reason=amended.reason or faster)
            if amended.remedy is not None and workflow.patched("an-edit-that-lost"):
                # It was written down as made.
                await self._write_down(refuse, asked, amendment, reply.reason)
        self._replies[amendment.decision_id] = reply
        if amended.again:
            del self._replies[amendment.decision_id]
        return reply

    async def _write_down(
        self, refuse: Refuse | None, asked: Approval | None, amendment: Amendment, why: str
    ) -> None:
        if refuse is None:
            return
        try:
            await refuse(asked, amendment, why)
        except (ActivityError, ApplicationError) as error:
            workflow.logger.warning("a refused edit is not written down: %s", error)

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
