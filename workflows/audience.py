"""Who follows a ticket where, and how they are told: at every place, or at the desk without one."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from mendwheel.contracts.letters import Again
from mendwheel.contracts.presenting import PresentRequest
from mendwheel.domain.approval import Approval
from mendwheel.domain.letter import LetterKind
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.place import CHATS
from mendwheel.workflows.cards import Cards
from mendwheel.workflows.letters import give_up
from mendwheel.workflows.telling import DESK, Telling, refused

if TYPE_CHECKING:
    from mendwheel.workflows.life import Life

LAST_WORDS = timedelta(seconds=10)
"""For a message that people have answered already at another place."""

LEFT_TO_PEOPLE = (OutcomeKind.HANDED_OVER, OutcomeKind.FAILED)


class Audience:
    """The people of one ticket. What a place refuses is noted, and stops nothing."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._telling = Telling(life.ticket, life.state)
        self.cards = Cards(self._telling, self.snapshot, self.trouble)

    @property
    def places(self) -> list[str]:
        """Where people follow this ticket; none: it is for the desk alone."""
        life = self._life
        if life.dry_run:
            return []
        return [place for place in dict.fromkeys([life.ticket.place, *life.state.places]) if place]

    def join(self, places: list[str]) -> None:
        """Further places want to follow."""
        state = self._life.state
        new = [place for place in places if place and place not in self.places]
        if new:
            state.places = [*state.places, *dict.fromkeys(new)]
            self.cards.follow(self.places)
            self.cards.changed()

    async def tell(
        self, step: str, *, outcome: Outcome | None = None, approval: Approval | None = None
    ) -> None:
        """One message at every place. Raises ActivityError: the desk could not be written to."""
        if not self.places:
            await self._telling.publish(step, DESK, outcome=outcome, approval=approval)
            return
        await asyncio.gather(
            *(self._tell_at(place, step, outcome, approval) for place in self.places)
        )

    async def ask(
        self, step: str, answered: Callable[[], bool], *, approval: Approval | None = None
    ) -> None:
        """`tell`, but no place that is away keeps an answer from another one waiting."""
        if not self.places:
            await self.tell(step, approval=approval)
            return
        telling = asyncio.ensure_future(self.tell(step, approval=approval))
        try:
            await workflow.wait_condition(lambda: telling.done() or answered())
            if not telling.done():
                await workflow.wait_condition(telling.done, timeout=LAST_WORDS)
        except TimeoutError:
            workflow.logger.info("%s was answered before everybody was told", step)
        except asyncio.CancelledError:
            await _called_off(telling)
            raise
        # Not in a `finally`: a run that is thrown out of the cache may not wait any more.
        ended = await _called_off(telling)
        if isinstance(ended, Exception):
            raise ended

    async def conclude(self, outcome: Outcome) -> None:
        """Status, labels and links at the places that keep them; a call, if nobody goes on."""
        # Not parsed: a place that is none is refused by the activity, which ends in a line.
        keeping = [place for place in self.places if place.partition(":")[0] not in CHATS]
        await asyncio.gather(*(self._conclude_at(place) for place in keeping))
        left = outcome.kind in LEFT_TO_PEOPLE and not self._life.state.taken_by
        if self._life.start.on_call and left:
            try:
                await self._telling.call_out(called := self.snapshot(DESK))
            except ActivityError as error:
                why = refused(error) or "whoever is on call could not be reached"
                self.trouble(why)
                await self._give_up(LetterKind.CALL_OUT, why, error, Again(present=called))

    def trouble(self, problem: str) -> None:
        """Something could not be told or done at one place: the others say so. Empty: mended."""
        self._life.state.problem = problem[:300]
        if problem:
            self._life.note(problem[:200])
        else:
            self.cards.changed()

    async def _tell_at(
        self, place: str, step: str, outcome: Outcome | None, approval: Approval | None
    ) -> None:
        # The card comes first: the message stands in its thread.
        at = place if await self.cards.up_to_date(place) else DESK
        again = Again(publish=self._telling.message(step, place, outcome, approval))
        try:
            await self._telling.publish(step, at, outcome=outcome, approval=approval)
        except ActivityError as error:
            why = refused(error) or f"{place} did not answer for too long"
            self.trouble(why)
            await self._give_up(LetterKind.MESSAGE, why, error, again)
        else:
            if at != place:
                await give_up(LetterKind.MESSAGE, f"{place} has not taken the card", again)

    async def _conclude_at(self, place: str) -> None:
        try:
            await self._telling.conclude(shown := self.snapshot(place))
        except ActivityError as error:
            why = refused(error) or f"{place} did not answer for too long"
            self.trouble(why)
            await self._give_up(LetterKind.CONCLUSION, why, error, Again(present=shown))

    async def _give_up(
        self, kind: LetterKind, why: str, error: ActivityError, again: Again
    ) -> None:
        """Unless it was called off: what people have answered elsewhere need not be asked."""
        if not is_cancelled_exception(error):
            await give_up(kind, why, again)

    def snapshot(self, place: str) -> PresentRequest:
        """What the card at `place` is to show now."""
        life = self._life
        state = life.state
        return PresentRequest(
            ticket=life.ticket,
            place=place,
            round=state.round,
            phase=state.phase,
            steps=state.timeline[-12:],
            triage=state.triage,
            dossier=state.dossier,
            diagnosis=life.review.diagnosis if life.review else life.diagnosis,
            remedy=life.remedy,
            approval=life.gate.open,
            decided=life.decided,
            outcome=life.concluded or state.outcome,
            problem=state.problem,
            places=self.places,
            final=(life.concluded or state.outcome) is not None,
        )


async def _called_off(task: asyncio.Task[None]) -> BaseException | None:
    """How it ended, cancelled if it had not."""
    task.cancel()
    [ended] = await asyncio.gather(task, return_exceptions=True)
    return ended
