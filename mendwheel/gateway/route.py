"""A way to one model. Routes make one request a call and a key, and never retry: Temporal does."""

from typing import Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)
Message = dict[str, str]
"""`role` (system, user, assistant) and `content`."""


class Completion(BaseModel, Generic[T]):
    """A valid answer and what it cost; 0 and 0 where the provider does not say."""

    output: T
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Terms(NamedTuple):
    """What operators say about a route: which model it is, who may use it, what tokens cost."""

    model: str = ""
    agents: frozenset[str] = frozenset()
    prompt_price: float = 0.0
    completion_price: float = 0.0
    base_url: str = ""

    def allow(self, agent: str) -> bool:
        """Whether `agent` may use it; naming nobody allows everybody."""
        return not self.agents or agent in self.agents

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Price of so many tokens."""
        millionths = prompt_tokens * self.prompt_price + completion_tokens * self.completion_price
        return millionths / 1_000_000


class Route(Protocol):
    """One model at one endpoint."""

    @property
    def name(self) -> str: ...

    async def complete(self, messages: list[Message], output: type[T]) -> Completion[T]:
        """Ask once.

        Raises:
            Garbage: the answer is not an `output`.
            ModelError: there was no answer.
        """
        ...

    def worst_case_tokens(self, messages: list[Message]) -> int:
        """An upper bound on prompt and completion tokens of one such call."""
        ...

    async def aclose(self) -> None:
        """Close what is open. The route may be used again afterwards."""
        ...
