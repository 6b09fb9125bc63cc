"""What can go wrong with a model call, in terms a caller can act on: try again, or not, and when.

The gateway knows nothing of Temporal; activities turn these into its errors.
"""

from typing import Literal

Kind = Literal[
    "refused",  # the model does not want to answer
    "garbage",  # it answered, but not with what was asked for: see `Garbage.problem`
    "suspicious",  # nobody could say that the answer may be used
    "unfit",  # the route takes no such request: too long for it, or odd; another one may
    "permanent",
    "rate_limited",
    "unavailable",
    "timeout",
    "budget",  # the ticket's tokens are spent
    "quota",  # the tenant's are
]
Problem = Literal["schema", "truncated", "empty", "loop", "language", "moderated"]
# Turned away before any work was done.
_UNSPENT = frozenset({"permanent", "unfit", "rate_limited"})
_RETRYABLE = frozenset({"rate_limited", "unavailable", "timeout"})


class ModelError(Exception):
    """A model call failed. `retry_after`: seconds the provider asks to wait, if it said so.

    `spent`: a model may have been at work on it, and is paid for that.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        retry_after: float | None = None,
        spent: bool = True,
    ) -> None:
        super().__init__(message)
        self.spent = spent and kind not in _UNSPENT
        self.kind: Kind = kind
        self.retryable = kind in _RETRYABLE
        self.retry_after = retry_after

    @property
    def failure(self) -> str:
        """The kind as the call log names it."""
        return self.kind


class BudgetExhausted(ModelError):
    """The ticket may not spend what this call could cost. Nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__("budget", message)


class QuotaExhausted(ModelError):
    """The tenant may not spend what this call could cost. Nothing was sent.

    `retry_after`: seconds until it may; None: waiting is not worth it.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__("quota", message, retry_after=retry_after)
        self.retryable = retry_after is not None


class Garbage(ModelError):
    """An answer came that is not the asked for output; its tokens are spent all the same."""

    def __init__(
        self,
        message: str,
        *,
        problem: Problem = "schema",
        text: str = "",
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
    ) -> None:
        super().__init__("garbage", message)
        self.problem: Problem = problem
        self.text = text
        self.prompt_tokens = prompt_tokens
        self.completion_tokens = completion_tokens

    @property
    def failure(self) -> str:
        """The kind as the call log names it, with what is wrong."""
        return f"{self.kind}: {self.problem}"
