"""Those who look after the desk: they correct, thank, end in a hurry, and see to what was given up.

Each does what a person would: looks whether it came to something, and does it again if not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from lanternpost.chat.stage import APPROVER
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from bench.faults.orders import EDITOR
from bench.faults.ways import HOST, RESTART
from mendwheel.domain.approval import Approval
from mendwheel.domain.letter import DeadLetter, LetterKind
from mendwheel.domain.outcome import FactKind
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import IntakeError
from mendwheel.integrations.retries import Retries
from mendwheel.integrations.slack import modals, names
from mendwheel.integrations.slack.feedback import feedback_value

if TYPE_CHECKING:
    from bench.faults.people import People

CORRECTION = "-hotfix.1"
"""Behind the release that is gone back to."""

LOOKS = 6.0
"""Seconds until somebody looks whether it came to something."""

TRIES = 6
WITHIN = 15.0


class Operators:
    """Of one world; `people` bring their letters to the server."""

    def __init__(self, people: "People") -> None:
        self._people = people
        self._world = world = people.world
        self._due: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._shown = 0
        self.ended: set[str] = set()
        """Tickets that somebody ended while their remedy ran."""
        self._reopening: set[str] = set()
        self.thanked: set[str] = set()
        """Tickets whose answer somebody has pressed a thumb below."""
        self.retried: set[str] = set()
        """Tickets whose remedy was seen to by a person."""
        client: Client = world.client
        self._intake = Intake(client, world.stores, world.settings)
        self._retries = Retries(client, world.settings, waited=WITHIN)

    async def work(self) -> None:
        """Until cancelled."""
        duties = (self._end_one, self._reopen, self._thank, self._see_to_letters)
        await asyncio.gather(*(self._over_and_over(each) for each in duties))

    async def _over_and_over(self, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(0.2)
            with suppress(RPCError, RuntimeError, IntakeError, TimeoutError):
                await duty()

    def busy(self) -> bool:
        """Whether something is still to be done that no workflow waits for."""
        return bool(self._reopening or self._open_letters() or self._answered())

    # Other arguments

    def wants_to_correct(self, asked: Approval) -> bool:
        """A release is put right before anybody approves it; after some tries it is let be."""
        release = asked.arguments.get("to_release")
        tries = self._tries.get(f"correct {asked.ticket_id}", 0)
        return release is not None and not release.endswith(CORRECTION) and tries < TRIES

    async def correct(self, asked: Approval) -> None:
        if not self._is_due(f"correct {asked.ticket_id}"):
            return
        world = self._world
        user, channel = world.slack.users[EDITOR], world.channels["operations"]
        message = await self._people.card(asked)
        if message is None:
            return
        before = len(world.proxy.met.opened)
        trigger = await asyncio.to_thread(world.slack.trigger, user)
        letters = self._people.letters
        press = letters.click(user, channel, message, names.EDIT, trigger)
        await self._people.slack(press, event=False, tries=1)
        await asyncio.sleep(0.5)
        for view in world.proxy.met.opened[before:]:
            if modals.Origin.of(view).question == asked.request_id:
                given = {
                    f"argument-{number}": f"{value}{CORRECTION}"
                    for number, (name, value) in enumerate(sorted(asked.arguments.items()))
                    if name == "to_release"
                }
                sent = letters.submit(user, view, given)
                await self._people.slack(sent, event=False, tries=1)
                return

    # Opinions

    async def _thank(self) -> None:
        """Who asked in Slack presses the thumb below the answer, and again if nothing is kept."""
        for ticket, channel in self._answered().items():
            if self._is_due(f"thank {ticket}"):
                await self._press_thumb(ticket, channel)

    def _answered(self) -> dict[str, str]:
        """Ticket → channel, of questions in Slack whose answer nobody is known to have liked."""
        stores, found = self._world.stores, dict[str, str]()
        for sent in self._people.sent:
            ticket = self._ticket(sent.title)
            if sent.role != "question" or sent.key or stores.outcomes.latest(ticket) is None:
                continue
            if not any(fact.kind is FactKind.THUMBS_UP for fact in stores.outcomes.facts(ticket)):
                found[ticket] = sent.places[0].removeprefix("slack:")
        return found

    async def _press_thumb(self, ticket: str, channel: str) -> None:
        slack, value = self._world.slack, feedback_value(ticket, helpful=True)
        user = slack.users["mara"]
        for root in await asyncio.to_thread(slack.history, channel):
            thread = await asyncio.to_thread(slack.replies, channel, root["ts"])
            for message in [root, *thread]:
                with suppress(LookupError):
                    letter = self._people.letters.click(
                        user, channel, message, names.FEEDBACK, value=value
                    )
                    self.thanked.add(ticket)
                    await self._people.slack(letter, event=False, tries=1)
                    return

    # A ticket that is ended while its remedy runs

    async def _end_one(self) -> None:
        """The first that is seen acting by the host's own workflow; its round is taken up again."""
        world = self._world
        if self.ended or world.ways[RESTART] != HOST or world.hunt.over:
            return
        for ticket, asked in list(self._people.approved.items()):
            if asked.tool != RESTART:
                continue
            remedy = world.client.get_workflow_handle(f"{ticket}-r1-remedy-{RESTART}")
            described = await remedy.describe()
            if described.status is WorkflowExecutionStatus.RUNNING:
                await world.client.get_workflow_handle(ticket).terminate("in a hurry")
                self.ended.add(ticket)
                self._reopening.add(ticket)

    async def _reopen(self) -> None:
        for ticket in list(self._reopening):
            await self._intake.reopen(ticket, "operator", delivery_id=f"again-{ticket}")
            self._reopening.discard(ticket)

    # What was given up

    def _open_letters(self) -> list[DeadLetter]:
        """Those that a person has to see to: nobody else can tell whether it happened."""
        return [
            letter
            for letter in self._world.stores.letters.list()
            if letter.kind in (LetterKind.TOOL, LetterKind.HTTP)
            and letter.unknown
            and not self._there(letter.key.ticket_id)
        ]

    def _there(self, ticket: str) -> bool:
        service = self._people.service(ticket)
        return len(self._world.done(service)) > 0 if service else True

    async def _see_to_letters(self) -> None:
        for letter in self._open_letters():
            if self._is_due(f"letter {letter.key}"):
                self.retried.add(letter.key.ticket_id)
                await self._retries.retry(letter.key, who=APPROVER, looked=True)

    def _ticket(self, title: str) -> str:
        found = self._world.stores.cases.list(self._world.settings.tenant)
        return next((case.ticket_id for case in found if case.title == title), "")

    def _is_due(self, what: str) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + LOOKS
        self._tries[what] = self._tries.get(what, 0) + 1
        return True
