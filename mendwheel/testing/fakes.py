"""Fakes that implement the ports, for the suite's tests and for yours."""

from collections.abc import Iterable

from pydantic import BaseModel

from mendwheel.domain.budget import CallKey, Reservation
from mendwheel.domain.outside import Outside
from mendwheel.gateway.route import Completion, Message, T


class ScriptedModel:
    """A route that answers from a script: outputs are returned, errors are raised, in order.

    `asked` keeps the messages of every call. Text in the messages never changes an answer.
    """

    def __init__(
        self,
        script: list[BaseModel | BaseException],
        *,
        name: str = "scripted",
        prompt_tokens: int = 100,
        completion_tokens: int = 20,
        worst_case: int = 1000,
    ) -> None:
        self.name = name
        self.asked: list[list[Message]] = []
        self._script = list(script)
        self._usage = (prompt_tokens, completion_tokens)
        self._worst_case = worst_case

    @property
    def left(self) -> int:
        """How many answers have not been asked for."""
        return len(self._script)

    def worst_case_tokens(self, messages: list[Message]) -> int:
        return self._worst_case

    async def aclose(self) -> None:
        """Nothing is open."""

    async def complete(self, messages: list[Message], output: type[T]) -> Completion[T]:
        """The script's next answer.

        Raises:
            AssertionError: the script ran dry, or its next answer is not an `output`.
        """
        self.asked.append(messages)
        call = f"call {len(self.asked)} of {self.name!r} for {output.__name__}"
        if not self._script:
            raise AssertionError(f"{call}: the script ran dry")
        answer = self._script.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if not isinstance(answer, output):
            raise AssertionError(f"{call}: the script holds a {type(answer).__name__}")
        prompt_tokens, completion_tokens = self._usage
        return Completion(
            output=answer, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens
        )


class InMemoryBudgets:
    """`ports.Budgets` in a dict: `tokens` holds what stands per call, reserved or settled."""

    def __init__(self) -> None:
        self.tokens: dict[CallKey, int] = {}
        self.settled: set[CallKey] = set()

    def reserve(self, key: CallKey, tokens: int, limit: int) -> Reservation:
        left = limit - self.spent(key.ticket_id)
        if key in self.tokens:
            return Reservation(
                granted=True,
                tokens=self.tokens[key],
                left=max(left, 0),
                standing=True,
                settled=key in self.settled,
            )
        if tokens > left:
            return Reservation(granted=False, tokens=0, left=max(left, 0))
        self.tokens[key] = tokens
        return Reservation(granted=True, tokens=tokens, left=left - tokens)

    def settle(self, key: CallKey, tokens: int) -> None:
        """Raises LookupError when nothing is reserved under `key`."""
        if key not in self.tokens:
            raise LookupError(f"nothing is reserved for call {key}: call reserve() first")
        before = self.tokens[key] if key in self.settled else 0
        self.tokens[key] = max(before, tokens)
        self.settled.add(key)

    def spent(self, ticket_id: str) -> int:
        return sum(tokens for call, tokens in self.tokens.items() if call.ticket_id == ticket_id)


class InMemoryDirectory:
    """`ports.Directory` over a dictionary that a test may change; `asked` counts the looks."""

    def __init__(self, members: dict[str, list[str]]) -> None:
        self.members = members
        self.asked = 0

    def look(self, groups: Iterable[str]) -> Outside:
        self.asked += 1
        found = Outside()
        for name in groups:
            if name in self.members:
                found.members[name] = self.members[name]
            else:
                found.unknown[name] = "this directory does not know it"
        return found
