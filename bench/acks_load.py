"""What is sent in the acks bench: so many requests a second, at times that wait for no answer."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp

from bench.acks_world import APPROVER, REPORTER, AcksWorld, Parked
from bench.tickets import draft
from bench.world import say
from mendwheel.integrations.slack import names
from tests.counterparts.people import Letter, SlackPeople

PER_SECOND = {"new": 2, "click": 8, "again": 5, "status": 5}
RATE = sum(PER_SECOND.values())
REFUSED = "Not taken"


@dataclass(frozen=True)
class Sent:
    """One request. `seconds`: from the moment it was due until its answer was read."""

    kind: str
    subject: str
    due: float
    seconds: float
    status: int
    answer: str

    @property
    def failed(self) -> bool:
        return self.status != 200 or REFUSED in self.answer


class Load:
    """Open loop: what is slow does not slow down what comes after it."""

    def __init__(self, made: AcksWorld, parked: list[Parked], seconds: int) -> None:
        self._made = made
        self._people = SlackPeople(made.slack)
        self._waiting = iter(parked)
        self._parked = parked
        self._seconds = seconds
        self._random = random.Random(1)
        self._earlier: list[tuple[float, str, Letter]] = []
        self.sent: list[Sent] = []

    async def run(self) -> list[Sent]:
        """Send everything and wait for all answers."""
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            begin, tasks = time.perf_counter() + 0.2, []
            for number, kind in enumerate(self._kinds()):
                due = begin + number / RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                subject, letter = self._next(kind, number)
                tasks.append(asyncio.create_task(self._send(session, kind, subject, letter, due)))
                if number % (10 * RATE) == 0:
                    say(f"{number} of {self._seconds * RATE} requests sent")
            await asyncio.gather(*tasks)
        return self.sent

    def _kinds(self) -> Iterator[str]:
        """Each second has as many of each kind, in another order."""
        second = [kind for kind, count in PER_SECOND.items() for _ in range(count)]
        for _ in range(self._seconds):
            self._random.shuffle(second)
            yield from second

    def _next(self, kind: str, number: int) -> tuple[str, Letter]:
        """Whom or what it is about, and the request."""
        made, users = self._made, self._made.slack.users
        if kind == "click":
            found = next(self._waiting)
            click = self._people.click(users[APPROVER], made.channel, found.card, names.APPROVE)
            return found.ticket, click
        if kind == "new":
            asked = draft(number, role="question")
            title = f"{asked.title} ({number})"
            text = f"{title}\n{asked.body}"
            return title, self._people.command(users[REPORTER], made.channel, text)
        if kind == "again" and (earlier := self._settled()):
            return self._random.choice(earlier)
        ticket = self._random.choice(self._parked).ticket
        return ticket, self._people.command(users[REPORTER], made.channel, f"status {ticket}")

    def _settled(self) -> list[tuple[str, Letter]]:
        """Requests of the last minute that are more than a second old."""
        old = time.perf_counter() - 1.0
        known = itertools.takewhile(lambda each: each[0] < old, self._earlier)
        return [(subject, letter) for _, subject, letter in known]

    async def _send(
        self, session: aiohttp.ClientSession, kind: str, subject: str, letter: Letter, due: float
    ) -> None:
        headers = letter.slack_headers(self._made.slack.signing_secret)
        url = f"{self._made.url}/slack/events"
        try:
            async with session.post(url, data=letter.body, headers=headers) as answer:
                text, status = await answer.text(), answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            text, status = type(error).__name__, 0
        now = time.perf_counter()
        self.sent.append(Sent(kind, subject, due, now - due, status, text))
        if kind in ("new", "click"):
            self._earlier.append((now, subject, letter))
