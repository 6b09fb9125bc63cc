"""What is kept of models: what may be spent, what they said, what was asked. Adapters: stores/.

As all store ports: synchronous, from any thread, and every method may raise `StoreUnavailable`.
"""

from typing import Protocol

from mendwheel.domain.budget import Allowance, CallKey, Reservation
from mendwheel.domain.model_call import ModelCall


class Budgets(Protocol):
    """Tokens a ticket may spend, by reservation."""

    def reserve(self, key: CallKey, tokens: int, limit: int) -> Reservation:
        """Set `tokens` aside; the same key again returns the standing reservation."""
        ...

    def settle(self, key: CallKey, tokens: int) -> None: ...

    def spent(self, ticket_id: str) -> int:
        """Tokens that stand against the ticket, reserved or settled."""
        ...


class Quotas(Protocol):
    """Tokens a tenant may spend in a minute and in a day, by reservation, over all processes."""

    def take(
        self, tenant: str, key: CallKey, tokens: int, *, per_minute: int, per_day: int
    ) -> Allowance:
        """Set `tokens` aside; the same key again stands. A limit of 0 is none."""
        ...

    def settle(self, key: CallKey, tokens: int) -> None:
        """Put what the call really used in place; a call nothing was set aside for is ignored."""
        ...

    def used(self, tenant: str) -> tuple[int, int]:
        """Tokens of the last 60 s and of this UTC day, set aside or settled."""
        ...


class Answers(Protocol):
    """What models said, to be used again where exactly the same is asked in the same tenant."""

    def get(self, tenant: str, key: str) -> str | None:
        """None where nothing is kept, it has run out, or its text was forgotten."""
        ...

    def put(self, tenant: str, key: str, text: str, *, seconds: float, ticket: str = "") -> None:
        """Keep `text` for so many seconds, and no longer than `ticket` is remembered."""
        ...


class Calls(Protocol):
    """What was asked of models: who, which, how much, how long. Never a text."""

    def add(self, call: ModelCall) -> None: ...

    def list(
        self, *, ticket_id: str | None = None, tenant: str | None = None, limit: int = 50
    ) -> list[ModelCall]:
        """Newest first; of one ticket or tenant where it is named."""
        ...
