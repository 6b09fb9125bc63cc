"""A way to one model. Routes make one request a call and never retry: Temporal does."""

from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)
Message = dict[str, str]
"""`role` (system, user, assistant) and `content`."""


class Completion(BaseModel, Generic[T]):
    """A valid answer and what it cost; 0 and 0 where the provider does not say."""

    output: T
    prompt_tokens: int = 0
    completion_tokens: int = 0


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
