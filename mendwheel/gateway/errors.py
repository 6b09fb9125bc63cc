"""What can go wrong with a model call, in terms a caller can act on: try again, or not, and when.

The gateway knows nothing of Temporal; activities turn these into its errors.
"""

from typing import Literal

Kind = Literal[
    "refused", "garbage", "permanent", "rate_limited", "unavailable", "timeout", "budget"
]
_RETRYABLE = frozenset({"rate_limited", "unavailable", "timeout"})


class ModelError(Exception):
    """A model call failed. `retry_after`: seconds the provider asks to wait, if it said so."""

    def __init__(self, kind: Kind, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.retryable = kind in _RETRYABLE
        self.retry_after = retry_after


class BudgetExhausted(ModelError):
    """The ticket may not spend what this call could cost. Nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__("budget", message)


class Garbage(ModelError):
    """An answer came that is not the asked for output; its tokens are spent all the same."""

    def __init__(
        self, message: str, *, text: str = "", prompt_tokens: int = 0, completion_tokens: int = 0
    ) -> None:
        super().__init__("garbage", message)
        self.text = text
        self.prompt_tokens = prompt_tokens
        self.completion_tokens = completion_tokens
