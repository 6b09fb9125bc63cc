"""The one way to a model: bounded prompt, redaction, routes within budget and time, restoration."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, SerializeAsAny, ValidationError

from mendwheel.agents.agent import Agent, Brief
from mendwheel.domain.budget import CallKey
from mendwheel.domain.diagnosis import Triage
from mendwheel.domain.evidence import EvidenceKind
from mendwheel.gateway.asking import Asking
from mendwheel.gateway.call import Call, Deadline
from mendwheel.gateway.checks import texts
from mendwheel.gateway.errors import ModelError
from mendwheel.gateway.failover import Failover
from mendwheel.gateway.messages import build, clip
from mendwheel.gateway.moderation import RuleModerator
from mendwheel.gateway.route import Message, Route, Terms
from mendwheel.gateway.spending import Spending
from mendwheel.ports import Answers, Budgets, Calls, ModerationUnavailable, Moderator, Quotas
from mendwheel.prompts import UnknownPrompt, load
from mendwheel.security.redaction import Mask, restore

_LOOKED_THROUGH = 40_000
"""Characters of a cited text that are looked through for secrets: no prompt shows more of one."""


class Thinking(BaseModel):
    """An agent's typed output, what produced it and what it cost."""

    output: SerializeAsAny[BaseModel]
    engine: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class Rules:
    """What a gateway goes by. Times in seconds; token limits of 0 are none."""

    deadline: float = 165.0
    breaker_failures: int = 5
    breaker_pause: float = 30.0
    keep_answers: float = 0.0
    tenant_per_minute: int = 0
    tenant_per_day: int = 0
    terms: Mapping[str, Terms] = field(default_factory=dict)  # route → who may use it, prices


class Gateway:
    """Lets models answer for agents. Between calls it knows which routes fail, and nothing else."""

    def __init__(
        self,
        routes: dict[str, Route],
        budgets: Budgets,
        *,
        token_budget: int,
        context_chars: int = 8000,
        rules: Rules | None = None,
        quotas: Quotas | None = None,
        answers: Answers | None = None,
        calls: Calls | None = None,
        moderator: Moderator | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routes = routes
        self._context_chars = context_chars
        self._rules = rules = rules or Rules()
        self._moderator = moderator or RuleModerator()
        self._clock = clock
        spending = Spending(
            budgets,
            token_budget,
            quotas,
            per_minute=rules.tenant_per_minute,
            per_day=rules.tenant_per_day,
        )
        asking = Asking(
            spending,
            self._moderator,
            terms=rules.terms,
            answers=answers,
            keep_seconds=rules.keep_answers,
            calls=calls,
            clock=clock,
        )
        self._failover = Failover(
            routes,
            asking,
            terms=rules.terms,
            failures=rules.breaker_failures,
            pause=rules.breaker_pause,
            clock=clock,
        )

    @property
    def routes(self) -> tuple[str, ...]:
        """Names of the models that can be asked; empty: none is configured."""
        return tuple(self._routes)

    async def think(
        self,
        agent: Agent,
        brief: Brief,
        *,
        route: str,
        prompt_version: str,
        key: CallKey,
        tenant: str = "",
    ) -> Thinking:
        """Let a model answer for `agent`; the same `key` on every retry.

        `route` is asked first, then the others that this agent may use.

        Raises:
            BudgetExhausted: the ticket may not spend the worst case; nothing was sent.
            QuotaExhausted: the tenant may not.
            ModelError: no valid answer came; `retryable` says whether another attempt may help.
        """
        mask = Mask()
        messages = self._messages(agent, brief, prompt_version, mask)
        call = Call(
            agent=agent,
            brief=brief,
            messages=messages,
            tenant=tenant,
            prompt_version=prompt_version,
            key=key,
            deadline=Deadline(self._rules.deadline, self._clock),
        )
        answered = await self._failover.answer(call, route)
        return Thinking(
            output=await self._marked(_restored(answered.output, mask, brief), brief, mask),
            engine=answered.route,
            prompt_tokens=call.tally.prompt_tokens,
            completion_tokens=call.tally.completion_tokens,
        )

    def _messages(
        self, agent: Agent, brief: Brief, prompt_version: str, mask: Mask
    ) -> list[Message]:
        for text in _cited(brief):  # it may not fit into the prompt that its words are in
            mask.hide(text[:_LOOKED_THROUGH])
        limit = self._context_chars
        system, user = build(
            agent,
            brief,
            system=_prompt(prompt_version),
            context_chars=limit,
            hide=mask.hide,
        )
        return [system, {**user, "content": clip(mask.hide_again(user["content"]), limit)}]

    async def aclose(self) -> None:
        """Close the connections of all routes."""
        for route in self._routes.values():
            await route.aclose()
        await self._moderator.aclose()

    async def _marked(self, output: BaseModel, brief: Brief, mask: Mask) -> BaseModel:
        """A triage says what the moderator thinks of the report, whatever the model thinks."""
        if not isinstance(output, Triage) or output.suspicious:
            return output
        report = "\n".join([brief.report.title, brief.report.body, *brief.information])
        try:
            suspicious = bool(await self._moderator.asked(mask.hide(report)))
        except ModerationUnavailable:
            suspicious = True  # nobody could say that it is not
        return output.model_copy(update={"suspicious": suspicious})


def _cited(brief: Brief) -> Iterator[str]:
    """Texts that the diagnosis under review rests on."""
    claims = brief.diagnosis.claims if brief.diagnosis else []
    cited = {name for claim in claims for name in claim.evidence_ids}
    yield from (item.text for item in brief.evidence if item.id in cited)


def _prompt(version: str) -> str:
    try:
        return load(version)
    except UnknownPrompt as error:
        raise ModelError("permanent", str(error)) from error


def _restored(output: BaseModel, mask: Mask, brief: Brief) -> BaseModel:
    """`output` with placeholders put back; as it came where that would break a length limit.

    What stands in other people's tickets alone stays hidden: an answer goes to this one's. A secret
    is put back into a statement only, out of the report and what the statement cites: statements
    are kept beside the ticket, while names and arguments go into history and its index.
    """
    evidence = [item for item in brief.evidence if item.kind is not EvidenceKind.CASE]
    ours = brief.model_copy(update={"evidence": evidence, "precedents": []})
    hidden = _standing_in(ours, mask.hidden)
    plain = {name: value for name, value in hidden.items() if not name.startswith("<secret-")}

    def stated(claim: dict[str, Any]) -> Any:
        cited = [item for item in evidence if item.id in claim.get("evidence_ids", ())]
        seen = Brief(report=brief.report, information=brief.information, evidence=cited)
        return _walk(claim, plain | _standing_in(seen, hidden))

    parts = _walk(output.model_dump(exclude={"claims"}), plain)
    if claims := output.model_dump().get("claims"):
        parts["claims"] = [stated(claim) for claim in claims]
    try:
        return type(output).model_validate(parts)
    except ValidationError:
        return output


def _standing_in(brief: Brief, hidden: dict[str, str]) -> dict[str, str]:
    """Of what is hidden, what stands somewhere in the brief."""
    said = "\n".join(texts(brief.model_dump(mode="json")))
    return {name: value for name, value in hidden.items() if value in said}


def _walk(value: Any, hidden: dict[str, str]) -> Any:
    if isinstance(value, str):
        return restore(value, hidden)
    if isinstance(value, dict):
        return {name: _walk(part, hidden) for name, part in value.items()}
    if isinstance(value, list):
        return [_walk(part, hidden) for part in value]
    return value
