"""The one way to a model: bounded prompt, redaction, budget, one repair turn, restoration."""

import asyncio
from typing import Any

from pydantic import BaseModel, SerializeAsAny, ValidationError

from mendwheel.agents.agent import Agent, Brief
from mendwheel.domain.budget import CallKey
from mendwheel.gateway.errors import BudgetExhausted, Garbage, ModelError
from mendwheel.gateway.messages import build
from mendwheel.gateway.openai_route import OpenAIRoute
from mendwheel.gateway.route import Completion, Message, Route
from mendwheel.ports import Budgets
from mendwheel.prompts import UnknownPrompt, load
from mendwheel.security.redaction import Mask
from mendwheel.settings import Settings

_SHOWN = 2000


class Thinking(BaseModel):
    """An agent's typed output, what produced it and what it cost."""

    output: SerializeAsAny[BaseModel]
    engine: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Gateway:
    """Lets models answer for agents. Holds no state between calls but its routes."""

    def __init__(
        self,
        routes: dict[str, Route],
        budgets: Budgets,
        *,
        token_budget: int,
        context_chars: int = 8000,
    ) -> None:
        self._routes = routes
        self._budgets = budgets
        self._token_budget = token_budget
        self._context_chars = context_chars

    @property
    def routes(self) -> tuple[str, ...]:
        """Names of the models that can be asked; empty: none is configured."""
        return tuple(self._routes)

    async def think(
        self, agent: Agent, brief: Brief, *, route: str, prompt_version: str, key: CallKey
    ) -> Thinking:
        """Ask the model on `route` to answer for `agent`; the same `key` on every retry.

        Raises:
            BudgetExhausted: the ticket may not spend the worst case; nothing was sent.
            ModelError: no valid answer came; `retryable` says whether another attempt may help.
        """
        model = self._route(route)
        mask = Mask()
        messages = build(
            agent,
            brief,
            system=_prompt(prompt_version),
            context_chars=self._context_chars,
            hide=mask.hide,
        )
        wasted: Garbage | None = None
        try:
            done = await self._ask(model, messages, agent, brief, key)
        except Garbage as garbage:
            wasted = garbage
            again = [*messages, *_repair(garbage)]
            repair = key.model_copy(update={"step": f"{key.step}/repair"})
            done = await self._ask(model, again, agent, brief, repair)
        return Thinking(
            output=_restored(done.output, mask),
            engine=model.name,
            prompt_tokens=done.prompt_tokens + (wasted.prompt_tokens if wasted else 0),
            completion_tokens=done.completion_tokens + (wasted.completion_tokens if wasted else 0),
        )

    async def aclose(self) -> None:
        """Close the connections of all routes."""
        for route in self._routes.values():
            await route.aclose()

    def _route(self, name: str) -> Route:
        if name in self._routes:
            return self._routes[name]
        known = ", ".join(self._routes) or "none: set MENDWHEEL_MODEL_BASE_URL and MENDWHEEL_MODEL"
        raise ModelError("permanent", f"no model route {name!r}; configured: {known}")

    async def _ask(
        self, model: Route, messages: list[Message], agent: Agent, brief: Brief, key: CallKey
    ) -> Completion[BaseModel]:
        """One request within the budget. What is known to be spent is settled, also on failure."""
        tokens = model.worst_case_tokens(messages)
        reserved = await asyncio.to_thread(self._budgets.reserve, key, tokens, self._token_budget)
        if not reserved.granted:
            raise BudgetExhausted(
                f"{key}: may cost {tokens} tokens, {reserved.left} of {self._token_budget} are left"
                " for this ticket: raise MENDWHEEL_TOKEN_BUDGET"
            )
        try:
            done = await model.complete(messages, agent.output)
            if brief.last_turn and getattr(done.output, "calls", None):
                raise Garbage(
                    "calls must be empty: this is the last turn",
                    text=done.output.model_dump_json(),
                    prompt_tokens=done.prompt_tokens,
                    completion_tokens=done.completion_tokens,
                )
        except Garbage as garbage:
            await self._settle(key, garbage)
            raise
        except ModelError as error:
            if error.kind == "permanent":  # turned away: nothing was spent, nobody will retry
                await asyncio.to_thread(self._budgets.settle, key, 0)
            raise
        await self._settle(key, done)
        return done

    async def _settle(self, key: CallKey, call: Completion[BaseModel] | Garbage) -> None:
        tokens = call.prompt_tokens + call.completion_tokens
        # A provider that reports no usage leaves the worst case standing as spent.
        if tokens > 0:
            await asyncio.to_thread(self._budgets.settle, key, tokens)


def from_settings(settings: Settings, budgets: Budgets) -> Gateway:
    """The gateway the settings describe: one route, named like its model, or none."""
    routes: dict[str, Route] = {}
    if settings.model_base_url and settings.model:
        key = settings.model_api_key
        routes[settings.model] = OpenAIRoute(
            settings.model_base_url,
            key.get_secret_value() if key else None,
            settings.model,
            timeout=settings.model_timeout_seconds,
            max_tokens=settings.model_max_tokens,
        )
    return Gateway(
        routes,
        budgets,
        token_budget=settings.token_budget,
        context_chars=settings.model_context_chars,
    )


def _prompt(version: str) -> str:
    try:
        return load(version)
    except UnknownPrompt as error:
        raise ModelError("permanent", str(error)) from error


def _repair(garbage: Garbage) -> list[Message]:
    said = garbage.text[:_SHOWN] or "(nothing)"
    return [
        {"role": "assistant", "content": said},
        {
            "role": "user",
            "content": f"That cannot be used: {garbage}. Answer again with one JSON object only.",
        },
    ]


def _restored(output: BaseModel, mask: Mask) -> BaseModel:
    """`output` with placeholders put back; as it came where that would break a length limit."""
    try:
        return type(output).model_validate(_walk(output.model_dump(), mask))
    except ValidationError:
        return output


def _walk(value: Any, mask: Mask) -> Any:
    if isinstance(value, str):
        return mask.restore(value)
    if isinstance(value, dict):
        return {name: _walk(part, mask) for name, part in value.items()}
    if isinstance(value, list):
        return [_walk(part, mask) for part in value]
    return value
