"""The order in which routes are tried for one question, and what ends the search."""

import time
from collections.abc import Callable, Iterator, Mapping

from pydantic import BaseModel

from mendwheel.gateway.asking import Asking
from mendwheel.gateway.breaker import Breaker
from mendwheel.gateway.call import Call
from mendwheel.gateway.errors import Garbage, ModelError
from mendwheel.gateway.route import Message, Route, Terms

_SHOWN = 2000
# Another model would not help, or must not: nobody shops around for an answer that was refused.
_FINAL = frozenset({"refused", "suspicious"})
_SPENT = frozenset({"budget", "quota"})
# An unfit request is none of them: else tickets written for it would shut a route for all.
_ROUTES_FAULT = frozenset({"permanent", "rate_limited", "unavailable", "timeout"})


class Answered:
    """A valid answer and the route that gave it."""

    def __init__(self, output: BaseModel, route: str) -> None:
        self.output = output
        self.route = route


class Failover:
    """Tries routes in order until one answers, while there is time."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        asking: Asking,
        *,
        terms: Mapping[str, Terms],
        failures: int,
        pause: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routes = routes
        self._asking = asking
        self._terms = terms
        self._breakers = {name: Breaker(failures, pause, clock) for name in routes}

    async def answer(self, call: Call, first: str) -> Answered:
        """Ask `first`, then the others this agent may use.

        Raises:
            ModelError: nobody answered; the one of the first route, unless a later one is worth
                another attempt and that is not.
        """
        failed: ModelError | None = None
        for route in self._order(call, first):
            step = call.key.step if route.name == first else f"{call.key.step}/{route.name}"
            try:
                return Answered(await self._on(route, call, step), route.name)
            except ModelError as error:
                if error.kind in _FINAL or (error.kind in _SPENT and failed is None):
                    raise
                if error.kind in _SPENT:
                    break  # on the failures before: it is they that count
                failed = _worth_more(failed, error)
            if not call.deadline.left:
                break
        assert failed is not None, "_order raises where there is no route"
        raise failed

    def _order(self, call: Call, first: str) -> Iterator[Route]:
        agent = call.agent.name
        if first not in self._routes:
            known = ", ".join(self._routes)
            known = known or "none: set MENDWHEEL_MODEL_BASE_URL and MENDWHEEL_MODEL"
            raise ModelError("permanent", f"no model route {first!r}; configured: {known}")
        names = [first, *(name for name in self._routes if name != first)]
        allowed = [name for name in names if self._terms.get(name, Terms()).allow(agent)]
        if not allowed:
            raise ModelError(
                "permanent", f"agent {agent} may use no model route: name it in a route's agents"
            )
        return iter([self._routes[name] for name in allowed])

    async def _on(self, route: Route, call: Call, step: str) -> BaseModel:
        kept = await self._asking.kept(route.name, call)
        if kept is not None:
            return kept
        breaker = self._breakers[route.name]
        if not breaker.enter(call.deadline.left):
            raise ModelError(
                "unavailable",
                f"{route.name} failed several times and is left alone for {breaker.wait:.0f} s",
                retry_after=breaker.wait,
            )
        try:
            output = await self._with_repair(route, call, step)
        except ModelError as error:
            if error.kind in _ROUTES_FAULT:
                breaker.failed(error.retry_after)
            elif error.kind in _SPENT:
                breaker.unused()
            else:
                breaker.worked()
            raise
        breaker.worked()
        await self._asking.keep(route.name, call, output)
        return output

    async def _with_repair(self, route: Route, call: Call, step: str) -> BaseModel:
        key = call.key.model_copy(update={"step": step})
        try:
            return (await self._asking.ask(route, call, call.messages, key)).output
        except Garbage as garbage:
            again = [*call.messages, *_repair(garbage)]
        repair = key.model_copy(update={"step": f"{step}/repair"})
        return (await self._asking.ask(route, call, again, repair)).output


def _worth_more(one: ModelError | None, other: ModelError) -> ModelError:
    """Which of two failures says more about what to do: one that passes, and the sooner."""
    if one is None:
        return other
    if one.retryable != other.retryable:
        return one if one.retryable else other
    if one.retryable and (other.retry_after or 0.0) < (one.retry_after or 0.0):
        return other
    return one


def _repair(garbage: Garbage) -> list[Message]:
    said = garbage.text[:_SHOWN] or "(nothing)"
    return [
        {"role": "assistant", "content": said},
        {
            "role": "user",
            "content": f"That cannot be used: {garbage}. Answer again with one JSON object only.",
        },
    ]
