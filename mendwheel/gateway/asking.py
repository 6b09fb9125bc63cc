"""One request to one route: within the budget, checked, written down; or an answer kept."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from mendwheel.domain.budget import CallKey
from mendwheel.domain.model_call import ModelCall
from mendwheel.gateway.call import Call
from mendwheel.gateway.checks import check
from mendwheel.gateway.errors import Garbage, ModelError
from mendwheel.gateway.route import Completion, Message, Route, Terms
from mendwheel.gateway.spending import Spending
from mendwheel.ports import Answers, Calls, Moderator

_ALWAYS_ASKED = frozenset({"reviewer"})
"""Agents whose answers are not used again: a second look at the same text must be one."""


class Asking:
    """Makes requests and remembers what came of them."""

    def __init__(
        self,
        spending: Spending,
        moderator: Moderator,
        *,
        terms: Mapping[str, Terms],
        answers: Answers | None = None,
        keep_seconds: float = 0.0,
        calls: Calls | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spending = spending
        self._moderator = moderator
        self._terms = terms
        self._answers = answers if keep_seconds > 0 else None
        self._keep_seconds = keep_seconds
        self._calls = calls
        self._clock = clock

    async def kept(self, route: str, call: Call) -> BaseModel | None:
        """What this route said to exactly this question before, in this tenant."""
        if self._answers is None or call.agent.name in _ALWAYS_ASKED:
            return None
        text = await asyncio.to_thread(self._answers.get, call.tenant, self._name(route, call))
        if text is None:
            return None
        try:
            output = call.agent.output.model_validate_json(text)
        except ValidationError:  # kept by an older version
            return None
        await self._note(route, call, cached=True)
        return output

    async def keep(self, route: str, call: Call, output: BaseModel) -> None:
        """Use `output` again where the same is asked; a wish to read something first is not kept:
        what there is to read changes."""
        if self._answers is None or call.agent.name in _ALWAYS_ASKED:
            return
        if not getattr(output, "calls", None):
            text = output.model_dump_json()
            await asyncio.to_thread(
                self._answers.put,
                call.tenant,
                self._name(route, call),
                text,
                seconds=self._keep_seconds,
                ticket=call.key.ticket_id,
            )

    def _name(self, route: str, call: Call) -> str:
        terms = self._terms.get(route, Terms())
        return call.name_for(route, terms.model, terms.base_url)

    async def ask(
        self, route: Route, call: Call, messages: list[Message], key: CallKey
    ) -> Completion[BaseModel]:
        """One request within the budget. What is known to be spent is settled, also on failure.

        Raises:
            Garbage: the answer cannot be used.
            ModelError: there is none.
        """
        if not call.deadline.left:
            raise ModelError("timeout", f"{route.name} was not asked: no time is left")
        tokens = route.worst_case_tokens(messages)
        mine = await self._spending.reserve(call.tenant, key, tokens)
        began = self._clock()
        try:
            done = await _within(call.deadline.left, route, messages, call)
            await check(done, call.brief, self._moderator)
        except Garbage as garbage:
            await self._ended(route.name, call, mine, began, garbage, failure=garbage.failure)
            raise
        except ModelError as error:
            await self._spending.settle(mine, tokens if error.spent else 0)
            await self._note(route.name, call, began=began, failure=error.failure)
            raise
        await self._ended(route.name, call, mine, began, done)
        return done

    async def _ended(
        self,
        route: str,
        call: Call,
        key: CallKey,
        began: float,
        done: Completion[BaseModel] | Garbage,
        failure: str = "",
    ) -> None:
        spent = done.prompt_tokens, done.completion_tokens
        call.tally.add(*spent)
        # A provider that reports no usage leaves the worst case standing as spent.
        if sum(spent) > 0:
            await self._spending.settle(key, sum(spent))
        await self._note(route, call, *spent, began=began, failure=failure)

    async def _note(
        self,
        route: str,
        call: Call,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        *,
        began: float | None = None,
        **more: Any,
    ) -> None:
        if self._calls is None:
            return
        terms = self._terms.get(route, Terms())
        row = ModelCall(
            at=datetime.now(UTC),
            tenant=call.tenant,
            ticket_id=call.key.ticket_id,
            agent=call.agent.name,
            route=route,
            model=terms.model or route,
            prompt_version=call.prompt_version,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost=terms.cost(prompt_tokens, completion_tokens),
            seconds=0.0 if began is None else self._clock() - began,
            **more,
        )
        await asyncio.to_thread(self._calls.add, row)


async def _within(
    seconds: float, route: Route, messages: list[Message], call: Call
) -> Completion[BaseModel]:
    try:
        async with asyncio.timeout(seconds):
            return await route.complete(messages, call.agent.output)
    except TimeoutError:
        raise ModelError(
            "timeout", f"{route.name} took longer than what was left of the time"
        ) from None
