"""After the answer: wait out the verification window in a small run of its own."""

from datetime import timedelta
from typing import NoReturn

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from mendwheel.contracts.messages import Closure
from mendwheel.domain.outcome import FactKind, Outcome, OutcomeFact, Standing
from mendwheel.domain.ticket import Phase
from mendwheel.workflows import timeouts
from mendwheel.workflows.life import Life


class Watch:
    """Confirms an outcome, or starts the next round when it did not hold."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._over = False

    async def hand_on(self, outcome: Outcome) -> Outcome:
        """Into `watch` as a new run, so that a week of waiting pins no big history."""
        life = self._life
        window = life.steps.playbook.limits.watch_window if life.state.playbook else 0.0
        await self._settle_down()
        if life.reopened or (life.news() and not life.stopped()):
            return await self._start_over(outcome)
        outcome = life.state.outcome or outcome
        if life.dry_run or window <= 0 or life.stopped():
            return await self._closed(outcome)
        life.enter(Phase.WATCH, "waiting for people to come back on it")
        life.index_phase(Phase.WATCH)
        life.state.watch_until = workflow.now() + timedelta(seconds=window)
        await life.finish(self._quiet())
        return await life.into_watch()

    async def until_settled(self) -> Outcome:
        """The run of phase `watch`."""
        life = self._life
        outcome = life.state.outcome
        assert outcome is not None, "only a recorded ticket is watched"
        life.show()
        while not self._ended():
            await self._wait()
            await self._take_in()
        outcome = life.state.outcome or outcome
        if life.reopened or life.news():
            return await self._start_over(outcome)
        if not life.cancelled:
            standing = Standing.REVOKED if life.state.revoked else Standing.CONFIRMED
            await life.steps.settle(standing)
            # The store may have been away for long: what was said meanwhile still counts.
            await self._take_in()
            if life.reopened or life.news():
                return await self._start_over(outcome)
            outcome = outcome.model_copy(update={"standing": standing})
        life.state.outcome = outcome
        return await self._closed(outcome)

    async def _closed(self, outcome: Outcome) -> Outcome:
        """The end, unless somebody comes back on it while the last cards are written."""
        life = self._life
        life.state.phase = Phase.CLOSED
        life.index_phase(Phase.CLOSED)
        life.show()
        await self._quiet()
        outcome = life.state.outcome or outcome
        if life.reopened or (life.news() and not life.stopped()):
            return await self._start_over(outcome)
        return outcome

    def _ended(self) -> bool:
        life = self._life
        over = self._over or life.state.watch_until is None
        return over or life.interrupted() or life.state.revoked

    async def _wait(self) -> None:
        life = self._life
        assert life.state.watch_until is not None
        try:
            await workflow.wait_condition(
                lambda: life.interrupted() or bool(life.facts) or life.closure is not None,
                timeout=max(life.state.watch_until - workflow.now(), timeouts.SHORTEST),
                timeout_summary="verification window",
            )
        except TimeoutError:
            # Not told from the clock: after a local activity it may read otherwise in a replay.
            self._over = True

    async def _settle_down(self) -> None:
        """Until nobody is being answered and nothing waits to be taken in."""
        while True:
            await self._take_in()
            if workflow.all_handlers_finished():
                return
            await workflow.wait_condition(workflow.all_handlers_finished)

    async def _quiet(self) -> None:
        """Until the cards are written and nothing that was said meanwhile is left to take in."""
        await self._life.settle()
        while self._life.facts or self._life.closure:
            await self._take_in()
            await self._life.settle()

    async def _take_in(self) -> None:
        """What was said meanwhile is not in the state: it would be lost with this run."""
        life = self._life
        while life.facts or life.closure:
            await self._note_facts()
            await self._close_with_original()

    async def _note_facts(self) -> None:
        """Keep what people did; a reassignment or a human's own fix says ours did not hold."""
        life = self._life
        while life.facts:
            fact = life.facts.pop(0)
            await life.steps.note_fact(fact)
            if fact.kind in (FactKind.REASSIGNED, FactKind.RESOLVED_BY_HUMAN):
                life.state.revoked = True

    async def _start_over(self, outcome: Outcome) -> Outcome:
        """A reopen, or the asker came back: the outcome did not hold."""
        life = self._life
        who = life.reopened or life.state.information[-1].author
        kind = FactKind.REOPENED if life.reopened else FactKind.CAME_BACK
        fact = OutcomeFact(
            id=f"{kind.value}-{life.state.round}", kind=kind, who=who, at=workflow.now()
        )
        await life.steps.note_fact(fact)
        await life.steps.settle(Standing.REVOKED)
        life.note(f"{kind.value} by {who}")
        if not life.may_start_over():
            life.state.phase = Phase.CLOSED
            life.index_phase(Phase.CLOSED)
            life.note("no further round: a human has to take it from here")
            await self._quiet()
            return outcome.model_copy(update={"standing": Standing.REVOKED})
        return await self.next_round()

    async def next_round(self) -> NoReturn:
        """What people did in the round that ends is kept; its runs' state does not carry it."""
        await self._life.finish(self._last_things())
        await self._life.next_round()

    async def _last_things(self) -> None:
        # The cards first: that takes a while, in which people do more.
        await self._life.audience.cards.settle(patient=False)
        await self._note_facts()
        await self._life.settle()
        while self._life.facts:
            await self._note_facts()
            await self._life.settle()

    async def close_linked(self, outcome: Outcome) -> None:
        """Tell the duplicates of this ticket how it ended."""
        life = self._life
        closure = Closure(ticket_id=life.ticket.id, kind=outcome.kind, reason=outcome.reason)
        for linked in life.state.linked:
            try:
                await workflow.get_external_workflow_handle(linked).signal("closure", closure)
            except ApplicationError as error:
                workflow.logger.info("%s is gone: %s", linked, error)

    async def _close_with_original(self) -> None:
        life = self._life
        outcome = life.state.outcome
        if life.closure is None or outcome is None:
            return
        closure, life.closure = life.closure, None
        reason = f"closed with {closure.ticket_id}: {closure.kind.value}"
        closed = outcome.model_copy(update={"reason": reason, "ended_at": workflow.now()})
        # An original that was reopened ends again, perhaps in another way: another message.
        await life.audience.tell(f"closed-with-{closure.kind.value}", outcome=closed)
        await life.steps.record(closed)
        life.state.outcome = closed
        life.note(reason)
