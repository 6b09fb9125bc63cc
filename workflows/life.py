"""What one ticket knows while it runs: its state, what was said to it, how it shows itself."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError

from mendwheel.contracts.messages import Closure, Status
from mendwheel.contracts.thinking import Thought
from mendwheel.domain.diagnosis import DiagnosisNote, ReviewNote
from mendwheel.domain.outcome import FactKind, Outcome, OutcomeFact, OutcomeKind
from mendwheel.domain.remedy import Remedy
from mendwheel.domain.state import Step, TicketInput, TicketState
from mendwheel.domain.ticket import Information, Phase
from mendwheel.workflows import view
from mendwheel.workflows.audience import Audience
from mendwheel.workflows.breaks import PAST_STOPPING, Stopped
from mendwheel.workflows.gate import ApprovalGate
from mendwheel.workflows.shielded import to_the_end
from mendwheel.workflows.steps import Steps


class Life:
    """Shared by the phases of one run. Handlers write to it, phases read from it."""

    def __init__(self, start: TicketInput) -> None:
        self.start = start
        self.ticket = start.ticket
        self.dry_run = start.dry_run
        self.state = start.state.model_copy(deep=True)
        self.state.take(start.ticket.delivery_id)
        self.state.started_at = self.state.started_at or workflow.now()
        self.steps = Steps(start, self.state)
        self.audience = Audience(self)
        self.gate = ApprovalGate(self.steps.authorise)
        self.diagnosis: DiagnosisNote | None = self.state.diagnosis
        self.review: ReviewNote | None = None
        self.closure: Closure | None = None
        self.facts: list[OutcomeFact] = []
        self.remedy: Remedy | None = self.state.remedy
        self.decided = self.state.decided
        self.concluded: Outcome | None = None

    # What people see

    def enter(self, phase: Phase, text: str) -> None:
        """A phase begins. Raises Stopped when somebody ended the round meanwhile."""
        stopped = self.stopped()
        if stopped and phase not in PAST_STOPPING:
            raise stopped
        self.state.phase = phase
        self.note(text)

    def note(self, text: str) -> None:
        step = Step(at=workflow.now(), phase=self.state.phase, text=text)
        self.state.timeline = [*self.state.timeline, step][-60:]
        self.show()
        self.audience.cards.changed()

    def show(self) -> None:
        workflow.set_current_details(view.details(self.ticket, self.state, self.gate.open))

    def status(self) -> Status:
        return view.status(self.ticket, self.state, self.gate.open)

    def index_triage(self) -> None:
        if self.start.index:
            workflow.upsert_search_attributes(view.triage_attributes(self.state))

    def index_approval(self, phase: Phase, waiting: bool) -> None:
        if self.start.index:
            workflow.upsert_search_attributes(view.approval_attributes(phase, waiting))

    def index_phase(self, phase: Phase) -> None:
        if self.start.index:
            workflow.upsert_search_attributes(view.phase_attributes(phase))

    # What was said meanwhile. A stop or a reopen is kept in the state: neither may be lost when
    # one run hands over to the next.

    @property
    def cancelled(self) -> str:
        """Who asked to stop, or nothing."""
        return self.state.cancelled_by

    @property
    def reopened(self) -> str:
        """Who said that it is not resolved, or nothing."""
        return self.state.reopened_by

    def stopped(self) -> Stopped | None:
        """Who or what ended this round before we did."""
        state = self.state
        if state.resolved_by:
            reason = f"{state.resolved_by} resolved it first"
            return Stopped(OutcomeKind.RESOLVED_BY_HUMAN, reason)
        if state.taken_by:
            return Stopped(OutcomeKind.HANDED_OVER, f"{state.taken_by} took it over")
        if state.cancelled_by:
            return Stopped(OutcomeKind.CANCELLED, f"stopped by {state.cancelled_by}")
        return None

    def take_over(self, who: str) -> None:
        """A human goes on. After the end of our work that is a fact about it."""
        if self.state.phase in PAST_STOPPING:
            self.facts.append(
                OutcomeFact(
                    id=f"taken-over-{self.state.round}",
                    kind=FactKind.REASSIGNED,
                    who=who,
                    at=workflow.now(),
                )
            )
        else:
            self.state.taken_by, self.state.reopened_by = who or "somebody", ""

    def observe(self, fact: OutcomeFact) -> None:
        """Kept in any case; a human's own fix ends work that has come to nothing yet."""
        self.facts.append(fact)
        if self.state.phase in PAST_STOPPING:
            return
        if fact.kind is FactKind.RESOLVED_BY_HUMAN:
            self.state.resolved_by, self.state.reopened_by = fact.who or "somebody", ""
        elif fact.kind is FactKind.RECOVERED and fact.detail and self.state.phase is not Phase.ACT:
            # Nothing was done, and perhaps nothing has to be: it is thought about again.
            said = Information(delivery_id=fact.id, author=fact.who, text=fact.detail, at=fact.at)
            self.state.information.append(said)

    def stop(self, who: str) -> None:
        """The last word counts: a stop takes a reopen back."""
        self.state.cancelled_by, self.state.reopened_by = who or "somebody", ""

    def reopen(self, who: str) -> None:
        """The last word counts: a reopen takes a stop back."""
        state = self.state
        state.cancelled_by = state.taken_by = state.resolved_by = ""
        state.reopened_by = who or "somebody"

    def news(self) -> bool:
        """Somebody added information that this round has not read."""
        return len(self.state.information) > self.state.considered

    def interrupted(self) -> bool:
        """Something came that a wait must give way to."""
        return bool(self.stopped() or self.reopened) or self.news()

    async def wait_for_information(self, seconds: float) -> bool:
        try:
            await workflow.wait_condition(
                self.interrupted,
                timeout=timedelta(seconds=seconds),
                timeout_summary="for the reporter's answer",
            )
        except TimeoutError:
            return False
        stopped = self.stopped()
        if stopped:
            raise stopped
        return self.news()

    # What comes of it

    def diagnosed(self, thought: Thought) -> DiagnosisNote:
        assert thought.diagnosis is not None
        self.diagnosis = thought.diagnosis
        return thought.diagnosis

    def outcome(self, kind: OutcomeKind, reason: str) -> Outcome:
        """An outcome of this round with everything that is known now."""
        state, note = self.state, self.review.diagnosis if self.review else self.diagnosis
        return Outcome(
            ticket_id=self.ticket.id,
            round=state.round,
            kind=kind,
            reason=reason[:300],
            ticket_kind=state.triage.kind if state.triage else None,
            severity=state.triage.severity if state.triage else None,
            component=(note.component if note else None)
            or (state.triage.component if state.triage else None),
            fault=note.fault if note else None,
            confidence=note.confidence if note else 0.0,
            diagnosis=note.ref if note else None,
            dossier=state.dossier,
            engine=note.engine if note else "",
            playbook=state.playbook.version if state.playbook else "",
            started_at=state.started_at,
            ended_at=workflow.now(),
        )

    def failed(self, error: FailureError) -> Outcome:
        """A phase gave up: what was found goes to a human. A ticket never opened has failed."""
        cause: BaseException = error
        # No deeper: our own error says what is wrong and the way out, its cause does not.
        while isinstance(cause, ActivityError | ChildWorkflowError) and cause.cause is not None:
            cause = cause.cause
        where = error.activity_type if isinstance(error, ActivityError) else self.state.phase.value
        kind = OutcomeKind.HANDED_OVER if self.state.playbook else OutcomeKind.FAILED
        outcome = self.outcome(kind, f"{where} gave up: {_one_line(cause)}")
        if outcome.engine or self.state.playbook is None:
            return outcome
        # Nothing was thought to the end: named is what would have thought.
        return outcome.model_copy(update={"engine": self.state.playbook.route("triage")})

    def may_start_over(self) -> bool:
        """Rounds are bounded, or whoever can reply could keep us busy for ever."""
        playbook = self.state.playbook
        rounds = self.state.round - self.ticket.since + 1
        return playbook is None or rounds < playbook.limits.rounds

    def overtaken(self, outcome: Outcome) -> bool:
        """Somebody added something while we worked: an answer would be beside the point.

        What a remedy has come to is not: it is told and recorded first.
        """
        told_anyway = outcome.remedy is not None or self.stopped() is not None
        return self.news() and self.may_start_over() and not told_anyway

    async def next_round(self) -> NoReturn:
        """A new run: what is known stays, what was decided goes."""
        await self._continue_with(self.state.next_round)

    async def into_watch(self) -> NoReturn:
        """Go on as a small run that only waits."""
        if self.audience.places:
            state, review = self.state, self.review
            state.diagnosis = review.diagnosis if review else self.diagnosis
            state.remedy, state.decided = self.remedy, self.decided
        await self._continue_with(lambda: self.state)

    async def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """What a run does at its end. A cancellation meanwhile stops the next one."""
        if await to_the_end(work):
            self.stop("an operator")

    async def settle(self) -> None:
        """Nothing is being written, nobody is being answered any more."""
        await self.audience.cards.settle(patient=False)
        # A handler still running would be cut off, and its sender left without an answer.
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _continue_with(self, state: Callable[[], TicketState]) -> NoReturn:
        await self.finish(self.settle())
        # The state is taken last: what was said while the cards were written is in it.
        workflow.continue_as_new(self.start.model_copy(update={"state": state()}))


def _one_line(error: BaseException) -> str:
    text = " ".join(str(getattr(error, "message", error)).split())
    return text[:200] or type(error).__name__
