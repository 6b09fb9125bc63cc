"""Whether an answer of the right shape may be used: no reads after the last turn, a language that
somebody asked in, and nothing that a moderator objects to."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from mendwheel.agents.agent import Brief
from mendwheel.agents.language import foreign
from mendwheel.agents.outputs import Answer, Cause
from mendwheel.gateway.errors import Garbage, ModelError, Problem
from mendwheel.gateway.route import Completion
from mendwheel.ports import ModerationUnavailable, Moderator


async def check(done: Completion[BaseModel], brief: Brief, moderator: Moderator) -> None:
    """Raises:
    Garbage: it cannot be used, and why.
    ModelError: nobody could say whether it can (`suspicious`).
    """
    output = done.output
    if brief.last_turn and getattr(output, "calls", None):
        raise _garbage("loop", "calls must be empty: this is the last turn", done)
    if isinstance(output, Answer | Cause) and foreign(
        " ".join(claim.text for claim in output.claims), _asked(brief)
    ):
        raise _garbage("language", "write in the language of the report", done)
    try:
        objections = await moderator.said("\n".join(texts(output.model_dump())))
    except ModerationUnavailable as error:
        raise ModelError("suspicious", f"the answer was not used: {error}") from error
    if objections:
        raise _garbage("moderated", f"{'; '.join(objections)}: leave that out", done)


def texts(value: Any) -> Iterator[str]:
    """Every text in a dumped model, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


def _asked(brief: Brief) -> str:
    parts = [brief.report.title, brief.report.body, *brief.information]
    parts += [item.text for item in brief.evidence] + [fact.statement for fact in brief.facts]
    return "\n".join(parts)


def _garbage(problem: Problem, message: str, done: Completion[BaseModel]) -> Garbage:
    return Garbage(
        message,
        problem=problem,
        text=done.output.model_dump_json(),
        prompt_tokens=done.prompt_tokens,
        completion_tokens=done.completion_tokens,
    )
