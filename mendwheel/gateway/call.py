"""One question of an agent on its way through the gateway: what is asked, by when, at what cost."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mendwheel.agents.agent import Agent, Brief
from mendwheel.domain.budget import CallKey
from mendwheel.domain.ids import digest
from mendwheel.gateway.route import Message


class Deadline:
    """`seconds` from now on."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds, not below 0."""
        return max(self._ends - self._clock(), 0.0)


@dataclass
class Tally:
    """Tokens of every request that was made for one question."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count one more request."""
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens


@dataclass(frozen=True)
class Call:
    """`messages` are as they leave: secrets and personal data are hidden in them."""

    agent: Agent
    brief: Brief
    messages: list[Message]
    tenant: str
    prompt_version: str
    key: CallKey
    deadline: Deadline
    tally: Tally = field(default_factory=Tally)

    def name_for(self, route: str, model: str, base_url: str) -> str:
        """The same for the same question to the same model at the same place, and for no other.

        A route keeps its name when it is pointed at another model.
        """
        return digest(
            {
                "route": route,
                "model": model,
                "base_url": base_url,
                "agent": self.agent.name,
                "prompt": self.prompt_version,
                "messages": self.messages,
                "output": self.agent.output.model_json_schema(),
            }
        )
