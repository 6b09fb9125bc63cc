"""From a proposed remedy to its checked effect: policy, people, ledger, check, undo."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.acting import ANY_POLICY
from mendwheel.contracts.judging import Verdict
from mendwheel.domain.approval import Approval, Course, Ruling, RulingKind
from mendwheel.domain.diagnosis import ReviewNote
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.remedy import EffectState, Invocation, Remedy
from mendwheel.domain.ticket import Phase
from mendwheel.workflows.breaks import NewRound
from mendwheel.workflows.life import Life
from mendwheel.workflows.remedies import run_workflow, verify

MAX_QUESTIONS = 6
"""A policy that changes under a question asks again, and so does an edit; not for ever."""


class Acting:
    """Carries one remedy out, or says why not."""

    def __init__(self, life: Life) -> None:
        self._life = life

    async def carry_out(self, remedy: Remedy, review: ReviewNote) -> Outcome:
        life, decided_by, authors = self._life, list[str](), list[str]()
        for asked in range(MAX_QUESTIONS):
            life.remedy = remedy
            life.enter(Phase.POLICY, f"may {remedy.tool} run?")
            verdict = await life.steps.judge(review.diagnosis, remedy, asked, authors)
            if verdict.course is Course.NEVER:
                return self._said(OutcomeKind.HANDED_OVER, remedy, verdict, verdict.reason)
            if life.dry_run:
                return self._said(OutcomeKind.PROPOSED, remedy, verdict, remedy.expected)
            if verdict.course is Course.ASK:
                ruling = await self._ask(verdict)
                if life.gate.edited:
                    remedy, author = life.gate.edited
                    authors = [*authors, author]
                    continue
                if ruling.kind is not RulingKind.APPROVED:
                    return self._refused(remedy, verdict, ruling)
                decided_by = ruling.by
            outcome = await self._act(remedy, verdict)
            if outcome is not None:
                return outcome.model_copy(update={"decided_by": decided_by})
            life.note("the policy changed meanwhile: asking again")
        return self._said(
            OutcomeKind.HANDED_OVER, remedy, verdict, "the policy kept changing under the question"
        )

    async def _ask(self, verdict: Verdict) -> Ruling:
        """Put the question where people are; wait for hours or weeks."""
        life = self._life
        approval = verdict.approval
        assert approval is not None, "policy asks with a question"
        life.enter(Phase.APPROVAL, f"asked {', '.join(approval.approvers)}")
        life.index_approval(Phase.APPROVAL, waiting=True)
        ruling = await life.gate.ask(approval, self._announce, life.interrupted)
        life.index_approval(Phase.ACT, waiting=False)
        by = f" by {', '.join(ruling.by)}" if ruling.by else ""
        life.decided = f"{ruling.kind.value}{by}"
        life.note(life.decided)
        if ruling.kind is RulingKind.SUPERSEDED and not life.gate.edited:
            stopped = life.stopped()
            if stopped:
                raise stopped
            if life.may_start_over():
                raise NewRound
        return ruling

    async def _announce(self, approval: Approval, why: str, number: int) -> None:
        if why == "asked":
            await self._life.steps.asked(approval)
        self._life.show()
        self._life.audience.cards.changed()
        step = f"{why}-{approval.request_id}-{number}"
        life = self._life
        await life.audience.ask(
            step, lambda: life.gate.settled or life.interrupted(), approval=approval
        )
        self._life.note(f"{why}: {approval.question}")

    async def _act(self, remedy: Remedy, verdict: Verdict) -> Outcome | None:
        """None when the policy changed since it was asked."""
        life = self._life
        life.enter(Phase.ACT, f"running {remedy.tool}")
        key = self._key("remedy", remedy)
        permit = await life.steps.permit(key, remedy, verdict.policy_version)
        if permit.stale:
            return None
        if not permit.allowed:
            return self._said(OutcomeKind.HANDED_OVER, remedy, verdict, permit.reason)
        if permit.receipt.state is not EffectState.DONE:
            try:
                receipt = await run_workflow(remedy.workflow, remedy.arguments, key)
            except (ActivityError, ApplicationError) as error:
                return await self._undo(remedy, verdict, f"{remedy.tool} failed: {error.message}")
            await life.steps.finish(key, receipt)
        return await self._verify(remedy, verdict)

    async def _verify(self, remedy: Remedy, verdict: Verdict) -> Outcome:
        life = self._life
        life.enter(Phase.VERIFY, f"checking what {remedy.tool} did")
        if remedy.check is None:
            return self._said(OutcomeKind.HANDED_OVER, remedy, verdict, "no check is registered")
        result = await verify(remedy.check, remedy.arguments)
        if result.ok:
            return self._said(OutcomeKind.FIXED, remedy, verdict, result.detail or remedy.expected)
        return await self._undo(remedy, verdict, f"the check stayed red: {result.detail}")

    async def _undo(self, remedy: Remedy, verdict: Verdict, why: str) -> Outcome:
        """Take it back if there is a way, then a human takes over with what was found."""
        life, undone = self._life, False
        if remedy.undo is not None:
            life.note(f"undoing {remedy.tool}: {why}")
            try:
                undone = await self._run_undo(remedy, remedy.undo)
            except (ActivityError, ApplicationError) as error:
                workflow.logger.error("undo of %s failed: %s", remedy.tool, error)
                why = f"{why}; the undo failed too: {error.message}"
        outcome = self._said(OutcomeKind.HANDED_OVER, remedy, verdict, why)
        return outcome.model_copy(update={"undone": undone})

    async def _run_undo(self, remedy: Remedy, undo: Invocation) -> bool:
        """Through the ledger like every effect; no new question, but the kill switch holds."""
        key = self._key("undo", remedy)
        permit = await self._life.steps.permit(key, remedy, ANY_POLICY)
        if not permit.allowed:
            raise ApplicationError(permit.reason, type="UndoRefused", non_retryable=True)
        if permit.receipt.state is not EffectState.DONE:
            receipt = await run_workflow(undo, remedy.arguments, key)
            await self._life.steps.finish(key, receipt)
        return True

    def _refused(self, remedy: Remedy, verdict: Verdict, ruling: Ruling) -> Outcome:
        by = f" by {', '.join(ruling.by)}" if ruling.by else ""
        note = f": {ruling.note}" if ruling.note else ""
        outcome = self._said(
            OutcomeKind.HANDED_OVER, remedy, verdict, f"{remedy.tool} {ruling.kind.value}{by}{note}"
        )
        return outcome.model_copy(update={"decided_by": ruling.by})

    def _said(self, kind: OutcomeKind, remedy: Remedy, verdict: Verdict, reason: str) -> Outcome:
        return self._life.outcome(kind, reason).model_copy(
            update={
                "remedy": remedy.tool,
                "arguments_sha256": remedy.arguments_sha256,
                "policy": verdict.policy_version,
            }
        )

    def _key(self, step: str, remedy: Remedy) -> EffectKey:
        life = self._life
        return EffectKey(
            ticket_id=life.ticket.id, round=life.state.round, step=step, target=remedy.tool
        )
