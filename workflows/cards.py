"""One card a place, kept up to date while a ticket runs: coalesced, and its last state always."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from mendwheel.contracts.letters import Again
from mendwheel.contracts.presenting import PresentRequest
from mendwheel.domain.letter import LetterKind
from mendwheel.workflows.letters import give_up
from mendwheel.workflows.telling import Telling, refused

AWAY = timedelta(seconds=30)
"""Until a place that has not answered is tried again."""

LONGEST = timedelta(minutes=5)
"""The same, however long the place asks us to stay away: people wait for what the card says."""

MISSES = 40
"""Times until it is given up, after about an hour: what waits for the card goes on without it.
Where a place asks for more patience, it takes longer."""

REFUSED = -1


class Cards:
    """Follows one ticket at its places; a place that refuses is left alone."""

    def __init__(
        self,
        telling: Telling,
        snapshot: Callable[[str], PresentRequest],
        trouble: Callable[[str], None],
    ) -> None:
        self._telling = telling
        self._snapshot = snapshot
        self._trouble = trouble
        self._version = 0
        self._shown: dict[str, int] = {}
        self._following: dict[str, asyncio.Task[None]] = {}
        self._refusing: dict[str, str] = {}
        self._closing = False
        self._patient = False

    def follow(self, places: list[str]) -> None:
        """Show the ticket at `places` from the next change on."""
        for place in places:
            if place not in self._following:
                self._following[place] = asyncio.ensure_future(self._keep(place))

    def changed(self) -> None:
        """There is something new to show."""
        self._version += 1

    async def up_to_date(self, place: str) -> bool:
        """Wait until `place` shows what there is now; False when it refuses cards.

        A place that refused is asked once more: somebody may have let us in.
        """
        if self._shown.get(place) == REFUSED:
            del self._shown[place]
            self._following.pop(place, None)
        self.follow([place])  # after `settle` nobody else would show it
        version = self._version
        await workflow.wait_condition(
            lambda: self._shown.get(place, 0) >= version or self._shown.get(place) == REFUSED
        )
        return self._shown.get(place) != REFUSED

    async def settle(self, *, patient: bool) -> None:
        """Show the last state everywhere, then stop following. `patient`: nothing comes after."""
        self._closing, self._patient = True, patient
        while not all(task.done() for task in self._following.values()):
            await asyncio.gather(*self._following.values())  # a place may join meanwhile
        self._following, self._closing, self._patient = {}, False, False
        for place, why in list(self._refusing.items()):
            # What is repeated one day is to show how it ended, not how it stood when we gave up.
            await give_up(LetterKind.CARD, why, Again(present=self._snapshot(place)))

    async def _keep(self, place: str) -> None:
        shown = missed = 0
        while True:
            await workflow.wait_condition(
                lambda seen=shown: self._version > seen or self._closing  # type: ignore[misc]
            )
            if self._version == shown:
                return
            version, patient = self._version, shown == 0 or self._patient
            try:
                await self._telling.present(sent := self._snapshot(place), patient=patient)
            except ActivityError as error:
                missed += 1
                if refused(error) or patient or missed > MISSES:
                    await self._refused(place, error, sent)
                    return
                if self._closing and not self._patient:
                    return  # the next run shows more
                # What stands there is old: a button may be missing.
                await self._pause(_until_next_try(error))
                continue
            shown, missed = version, 0
            self._shown[place] = version
            self._accepted(place)

    async def _refused(self, place: str, error: ActivityError, last: PresentRequest) -> None:
        self._shown[place] = REFUSED
        why = refused(error) or f"{place} did not answer for too long"
        self._refusing[place] = why
        self._trouble(why)
        if not is_cancelled_exception(error):
            await give_up(LetterKind.CARD, why, Again(present=last))

    def _accepted(self, place: str) -> None:
        if place in self._refusing:
            del self._refusing[place]
            self._trouble("")

    async def _pause(self, length: timedelta) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._closing,
                timeout=length,
                timeout_summary="until the card's next update",
            )
        except TimeoutError:
            return


def _until_next_try(error: ActivityError) -> timedelta:
    """A limit that lasts longer than one update is tried for is waited out here."""
    cause = error.cause
    wish = cause.next_retry_delay if isinstance(cause, ApplicationError) else None
    return min(max(wish or AWAY, AWAY), LONGEST)
