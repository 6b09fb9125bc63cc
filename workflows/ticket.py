"""The life of one ticket: one method a phase, from report to confirmed outcome."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    is_cancelled_exception,
)

from mendwheel.contracts.messages import Link
from mendwheel.contracts.names import TICKET_WORKFLOW
from mendwheel.domain.diagnosis import DiagnosisNote, ReviewNote, ReviewVerdict, Stance
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.remedy import Remedy
from mendwheel.domain.state import TicketInput
from mendwheel.domain.ticket import Phase, TicketKind
from mendwheel.policy.stance import conclude
from mendwheel.workflows.acting import Acting
from mendwheel.workflows.breaks import NewRound, Stopped
from mendwheel.workflows.handlers import TicketHandlers
from mendwheel.workflows.hearing import INVESTIGATORS, hear
from mendwheel.workflows.life import Life
from mendwheel.workflows.shielded import to_the_end
from mendwheel.workflows.turns import consider
from mendwheel.workflows.watch import Watch

SENSES = ["signals", "records", "runbooks"]
"""What was looked at side by side before there were five investigators."""


@workflow.defn(name=TICKET_WORKFLOW)
class TicketWorkflow(TicketHandlers):
    """One run per ticket; continues as new into `watch` and into the next round."""

    @workflow.init
    def __init__(self, start: TicketInput) -> None:
        self._life = Life(start)
        self._acting = Acting(self._life)
        self._watch = Watch(self._life)

    @workflow.run
    async def run(self, start: TicketInput) -> Outcome:
        life = self._life
        life.audience.cards.follow(life.audience.places)
        if life.state.phase is Phase.WATCH:
            return await self._watch.until_settled()
        try:
            outcome = await self._resolve()
            await to_the_end(self._close(outcome))
        except NewRound:
            return await self._watch.next_round()
        return await self._watch.hand_on(outcome)

    async def _resolve(self) -> Outcome:
        """Work towards an outcome; whatever goes wrong becomes one."""
        life = self._life
        try:
            return await self._work()
        except Stopped as stop:
            return life.outcome(stop.kind, stop.reason)
        except asyncio.CancelledError:
            return life.outcome(OutcomeKind.CANCELLED, "cancelled by an operator")
        except (ActivityError, ChildWorkflowError, ApplicationError) as error:
            if isinstance(error, ActivityError) and is_cancelled_exception(error):
                # So a cancellation shows itself amid an activity.
                return life.outcome(OutcomeKind.CANCELLED, "cancelled by an operator")
            workflow.logger.warning("a phase failed: %s", error)
            return life.failed(error)

    async def _work(self) -> Outcome:
        duplicate_of = await self._recall()
        if duplicate_of:
            return await self._link(duplicate_of)
        if not await self._triage():
            return self._life.outcome(OutcomeKind.ASKED_BACK, "facts that only the reporter has")
        diagnosis = await self._diagnose()
        review = await self._review(diagnosis)
        if review.verdict is ReviewVerdict.REVISE:
            # One bounded second round, with the reviewer's objections in hand.
            review = await self._review(await self._diagnose(review.diagnosis))
        remedy = await self._plan(review)
        if remedy is None:
            return self._conclude(review)
        return await self._acting.carry_out(remedy, review)

    async def _recall(self) -> str | None:
        """Freeze the playbook; a duplicate of an open incident is not investigated again."""
        self._life.enter(Phase.RECALL, "looking for similar tickets")
        opened = await self._life.steps.open()
        if opened.similar:
            tickets = "ticket" if opened.similar == 1 else "tickets"
            self._life.note(f"{opened.similar} similar {tickets} recalled")
        return opened.duplicate_of

    async def _link(self, original: str) -> Outcome:
        life = self._life
        life.note(f"the same incident as {original}")
        if not life.dry_run:
            link = Link(ticket_id=life.ticket.id)
            try:
                await workflow.get_external_workflow_handle(original).signal("link", link)
            except ApplicationError as error:
                # It closed a moment ago: its outcome stands in the store, nothing waits for us.
                workflow.logger.info("cannot link to %s: %s", original, error)
        outcome = life.outcome(OutcomeKind.DUPLICATE, f"the same incident as {original}")
        return outcome.model_copy(update={"duplicate_of": original})

    async def _triage(self) -> bool:
        """False when the reporter was asked for missing facts and has not answered."""
        life = self._life
        life.enter(Phase.TRIAGE, "finding out what it is")
        while True:
            life.state.considered = len(life.state.information)
            life.state.triage = (await consider(life.steps, "triage")).triage
            assert life.state.triage is not None
            if not life.state.triage.missing or life.state.asked:
                break
            if not await self._ask_reporter():
                return False
        life.index_triage()
        triage = life.state.triage
        life.note(f"{triage.kind.value}, {triage.severity.value}")
        return True

    async def _ask_reporter(self) -> bool:
        """Ask once, wait as long as the playbook allows. True when something came."""
        life = self._life
        if life.dry_run:
            return False
        life.state.asked = True
        life.enter(Phase.ASKING, "asked the reporter for what is missing")
        await life.audience.ask("question", life.interrupted)
        return await life.wait_for_information(life.steps.playbook.limits.ask_wait)

    async def _diagnose(self, objected: DiagnosisNote | None = None) -> DiagnosisNote:
        triage = self._life.state.triage
        assert triage is not None
        if triage.kind is TicketKind.CONSULTING:
            return await self._consult(objected)
        return await self._investigate(objected)

    async def _consult(self, objected: DiagnosisNote | None) -> DiagnosisNote:
        life = self._life
        life.enter(Phase.CONSULT, "looking the answer up")
        if objected is None:
            await life.steps.look(["knowledge"])
            await life.steps.observe_customer()
        return life.diagnosed(await consider(life.steps, "consultant", diagnosis=objected))

    async def _investigate(self, objected: DiagnosisNote | None) -> DiagnosisNote:
        """Investigators side by side propose causes; then one names the cause from all of them."""
        life = self._life
        five = workflow.patched("five-investigators")
        names = ", ".join(INVESTIGATORS if five else SENSES)
        life.enter(Phase.INVESTIGATE, f"investigating {names} side by side")
        if objected is None:
            await life.steps.look(["exhibits"])
            await life.steps.observe()
            if five:
                for name in await hear(life.ticket, life.state):
                    life.note(f"the investigator of {name} could not be heard")
            else:
                await life.steps.establish(SENSES)
        return life.diagnosed(await consider(life.steps, "investigator", diagnosis=objected))

    async def _review(self, diagnosis: DiagnosisNote) -> ReviewNote:
        life = self._life
        life.enter(Phase.REVIEW, "checking every claim against its evidence")
        review = (await consider(life.steps, "reviewer", diagnosis=diagnosis)).review
        assert review is not None
        if review.dropped:
            life.note(f"{review.dropped} unsupported claims dropped")
        life.review = review
        return review

    async def _plan(self, review: ReviewNote) -> Remedy | None:
        """A registered remedy for a named cause, or None: then it is said, not done."""
        life = self._life
        actionable = review.diagnosis.stance in (Stance.CAUSE, Stance.RUNBOOK)
        if not actionable or review.verdict is ReviewVerdict.ABSTAIN:
            return None
        life.enter(Phase.PLAN, "choosing a remedy")
        plan = (await consider(life.steps, "planner", diagnosis=review.diagnosis)).plan
        return plan.remedy if plan else None

    def _conclude(self, review: ReviewNote) -> Outcome:
        triage = self._life.state.triage
        assert triage is not None
        kind, reason = conclude(triage, review, self._life.steps.playbook.thresholds)
        return self._life.outcome(kind, reason)

    async def _close(self, outcome: Outcome) -> None:
        """Tell and record. Places may be away for long: then the record comes first."""
        life = self._life
        if not life.dry_run and life.overtaken(outcome):
            raise NewRound
        if life.audience.places:
            await self._record(outcome)
            await self._write_back(outcome)
        else:
            await self._write_back(outcome)
            await self._record(outcome)

    async def _write_back(self, outcome: Outcome) -> None:
        life = self._life
        if life.dry_run:
            return
        life.concluded = outcome
        life.enter(Phase.WRITE_BACK, f"telling the people: {outcome.kind.value}")
        try:
            await life.audience.tell("final", outcome=outcome)
        except ActivityError as error:
            # Nobody could be told; how it ended is recorded and watched all the same.
            life.note(life.failed(error).reason)
        await life.audience.conclude(outcome)
        await life.audience.cards.settle(patient=True)

    async def _record(self, outcome: Outcome) -> None:
        life = self._life
        life.enter(Phase.RECORD, f"recording {outcome.kind.value}")
        await life.steps.record(outcome)
        life.state.outcome = outcome
        await self._watch.close_linked(outcome)
