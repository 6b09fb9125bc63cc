"""Asks a system for JSON over HTTP, within one deadline for all questions of a look.

Read-only by construction: there is nothing here but GET.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

import aiohttp
from pydantic import SecretStr

from mendwheel.integrations.senses.http_get import FAILURES, Answer, in_a_loop, read, session
from mendwheel.ports import SenseError
from mendwheel.security.redaction import redact
from mendwheel.tools.summary import printable

DEADLINE = 18.0
"""Seconds for one look; what is left of the promised 20 is for reading the answers."""

LARGEST = 20_000_000
TOTAL = 40_000_000
"""Bytes of one answer, and of all answers of one look: parsed they take many times as much."""

_AT_ONCE = 4
_WAYS_OUT = {
    401: "set a token or header that is valid there",
    403: "the token may not read: allow it there, or set another one",
    404: "check the address",
}


class Ask(NamedTuple):
    """One question: a path under the address, and its parameters."""

    path: str
    params: Sequence[tuple[str, str]] = ()


class Room:
    """Bytes that answers may still take."""

    def __init__(self, left: int) -> None:
        self.left = left


class Remote:
    """A system with an HTTP API; `where` is what messages call it. Any thread may use it."""

    def __init__(
        self,
        where: str,
        url: str,
        token: SecretStr | None = None,
        headers: Mapping[str, SecretStr] | None = None,
        *,
        within: float = DEADLINE,
    ) -> None:
        self.where = where
        self.url = url
        self._token = token
        self._headers = dict(headers or {})
        self._within = within

    def deadline(self, share: float = 1.0) -> float:
        """When a look that starts now, or this share of it, has to end; on the monotonic clock."""
        return monotonic() + share * self._within

    def ask(self, ask: Ask, until: float) -> Any:
        """The JSON of one answer. Raises SenseError."""
        (answer,) = self.ask_all([ask], until)
        if isinstance(answer, SenseError):
            raise answer
        return answer

    def ask_all(self, asks: Sequence[Ask], until: float) -> list[Any]:
        """The JSON of each answer, in order; a question that failed has its SenseError there."""
        return in_a_loop(self._gather(asks, until))

    async def _gather(self, asks: Sequence[Ask], until: float) -> list[Any]:
        room = Room(TOTAL)
        async with session(self._sent(), at_once=_AT_ONCE) as one:
            tasks = [asyncio.create_task(self._one(one, ask, room)) for ask in asks]
            if not tasks:
                return []
            _, late = await asyncio.wait(tasks, timeout=max(0.0, until - monotonic()))
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return [self._late() if task.cancelled() else task.result() for task in tasks]

    async def _one(self, one: aiohttp.ClientSession, ask: Ask, room: "Room") -> Any:
        try:
            limit = min(LARGEST, max(0, room.left))
            answer = await read(one, f"{self.url}{ask.path}", ask.params, limit=limit)
            room.left -= len(answer.body) + (not answer.whole)
            return self._parsed(answer, TOTAL if room.left < 0 else LARGEST)
        except SenseError as error:
            return error
        except FAILURES as error:
            why = f"{self.where} cannot be read at {self.url} ({type(error).__name__})"
            return SenseError(f"{why}: check that it runs there", retryable=True)

    def _parsed(self, answer: Answer, most: int) -> Any:
        if 300 <= answer.status < 400:
            raise SenseError(
                f"{self.where} answered with a redirect, which is not followed: "
                "set the address that it leads to"
            )
        if not answer.whole or most == TOTAL:
            raise SenseError(
                f"{self.where} answered with more than {most // 1_000_000} MB: "
                "narrow what is asked for"
            )
        if answer.packed:
            raise SenseError(
                f"{self.where} answers in a compression that was not asked for: turn it off there"
            )
        if answer.status != 200:
            raise self._refused(answer.status, answer.body[:2000])
        if "json" not in answer.media:
            kind = printable(answer.media)[:60]
            raise SenseError(
                f"{self.where} answered {kind}, not JSON: check the address, or who stands "
                "in front of it"
            )
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise SenseError(f"{self.where} answered with broken JSON: check the address") from None

    def _refused(self, status: int, body: bytes) -> SenseError:
        # What it says may repeat what it was asked with, or what lies behind it.
        said = redact(" ".join(printable(body.decode("utf-8", "replace")).split()))[:200]
        way = _WAYS_OUT.get(status, f"it says: {said}" if said else "look at its log")
        passing = status in (408, 425, 429) or status >= 500
        return SenseError(f"{self.where} answered {status}: {way}", retryable=passing)

    def _late(self) -> SenseError:
        return SenseError(
            f"{self.where} did not answer within {self._within:g} s: ask for less, or look why",
            retryable=True,
        )

    def _sent(self) -> dict[str, str]:
        sent = {name: value.get_secret_value() for name, value in self._headers.items()}
        if self._token is not None:
            sent["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return {"Accept": "application/json", **sent}


def settle(answers: Sequence[Any]) -> list[SenseError]:
    """The errors among answers. Raises the first when nothing else came."""
    errors = [each for each in answers if isinstance(each, SenseError)]
    if errors and len(errors) == len(answers):
        raise errors[0]
    return errors
