"""Where promises are played: both sides, the app's addresses, and how patient to be."""

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mendwheel.conformance import words
from mendwheel.conformance.promise import Broken, expect
from mendwheel.testing.jira_side import JiraSide
from mendwheel.testing.jira_state import JiraIssue
from mendwheel.testing.sending import Answer
from mendwheel.testing.slack_side import SlackSide
from mendwheel.testing.slack_state import SlackMessage

T = TypeVar("T")

ANSWER_WITHIN = 3.0
"""Seconds that Slack waits for an answer."""

_LOOK_EVERY = 0.1


@dataclass
class Stage:
    """`patience` and `calm` in seconds: how long something is waited for, and how long nothing
    may happen until it counts as over."""

    slack: SlackSide
    jira: JiraSide
    events: str
    webhook: str
    command: str = "/resolve"
    patience: float = 20.0
    calm: float = 3.0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _usual: "dict[str, asyncio.Task[int]]" = field(default_factory=dict)

    @property
    def hold(self) -> float:
        """Seconds that a request without answer is held: longer than a client should wait."""
        return self.patience * 0.6

    def channel(self) -> str:
        """A new channel with the app and everybody in it."""
        number = next(self._numbers)
        return self.slack.space.add_channel(f"C0TEST{number:03d}", f"test-{number}").id

    def words(self) -> str:
        """What a ticket says: enough to work on, and another incident each time."""
        return words.ticket(next(self._numbers))

    def issue(self, *, quiet: bool = False, description: str | None = "", **fields: Any) -> str:
        """Key of a new issue; `quiet` sends no webhook; `description=None` leaves it empty."""
        said = self.words()
        text = said if description == "" else description
        return self.jira.add_issue(said[:80], text, quiet=quiet, **fields).key

    async def order(self, channel: str, text: str = "", user: str = "U0ALICE") -> Answer:
        """A slash command."""
        said = text or self.words()
        return await self.slack.command(self.events, said, user, channel, command=self.command)

    def said(self, channel: str) -> list[SlackMessage]:
        """What the app has said in `channel`, threads included."""
        return self.slack.messages(channel, by_app=True)

    def cards(self, channel: str) -> list[SlackMessage]:
        """What the app has said in the channel itself."""
        return [each for each in self.said(channel) if each.thread_ts in (None, each.ts)]

    def ticket(self, key: str) -> JiraIssue:
        return self.jira.issue(key)

    def comments(self, key: str) -> int:
        """How many comments the app has made."""
        return len(self.jira.comments(key, by_app=True))

    async def until(self, test: Callable[[], T], what: str, within: float | None = None) -> T:
        """What `test` returns once it is true. Raises Broken: not in time."""
        limit = self.patience if within is None else within
        end = time.monotonic() + limit
        while time.monotonic() < end:
            found = test()
            if found:
                return found
            await asyncio.sleep(_LOOK_EVERY)
        raise Broken(f"{what} did not come within {limit:g} s")

    async def settled(self, count: Callable[[], int], what: str, *, least: int = 1) -> int:
        """`count()` once it is `least` and does not grow for `calm` seconds. Raises Broken."""
        await self.until(lambda: count() >= least, what)
        end = time.monotonic() + self.patience
        last, since = count(), time.monotonic()
        while time.monotonic() < min(end, since + self.calm):
            await asyncio.sleep(_LOOK_EVERY)
            if count() != last:
                last, since = count(), time.monotonic()
        return last

    async def silent(self, count: Callable[[], int], what: str, before: int = 0) -> None:
        """Raises Broken: `count()` is more than `before` after `calm` seconds.

        What is expected is counted before it could happen: an app may be quicker than we look.
        """
        await asyncio.sleep(self.calm)
        expect(count() == before, f"{what}: {count() - before} more")

    async def usual_cards(self) -> int:
        """How many messages one command makes in a channel when nothing goes wrong."""

        async def find() -> int:
            channel = self.channel()
            await self.order(channel)
            return await self.settled(lambda: len(self.cards(channel)), "a message for a command")

        return await self._once("cards", find)

    async def usual_comments(self) -> int:
        """How many comments one issue gets when nothing goes wrong."""

        async def find() -> int:
            key = self.issue()
            return await self.settled(lambda: self.comments(key), "a comment on a new issue")

        return await self._once("comments", find)

    async def alive(self) -> None:
        """Raises Broken: the next command in another channel is not taken."""
        channel = self.channel()
        answer = await self.order(channel)
        expect(answer.ok, f"the next command got {described(answer)}")
        await self.until(lambda: self.said(channel), "a message for the next command")

    async def alive_for_jira(self) -> None:
        """Raises Broken: the next issue gets no comment."""
        key = self.issue()
        await self.until(lambda: self.comments(key), "a comment on the next issue")

    async def _once(self, name: str, find: Callable[[], Coroutine[None, None, int]]) -> int:
        if name not in self._usual:
            self._usual[name] = asyncio.create_task(find())
        return await asyncio.shield(self._usual[name])


def described(answer: Answer) -> str:
    """An answer in a few words."""
    if answer.status == 0:
        return f"no answer ({answer.body[:120]})"
    return f"{answer.status} after {answer.seconds:.1f} s"


def taken(answer: Answer, what: str) -> None:
    """Raises Broken: not answered with 2xx, or later than Slack and Jira wait."""
    expect(answer.ok, f"{what} got {described(answer)}: {answer.body[:120]!r}")
    expect(answer.seconds < ANSWER_WITHIN, f"{what} was answered after {answer.seconds:.1f} s")


def refused(answer: Answer, what: str) -> None:
    """Raises Broken: not answered with 4xx."""
    expect(400 <= answer.status < 500, f"{what} got {described(answer)}")
