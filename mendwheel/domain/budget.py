"""What a ticket may spend on models. Reserved before the call, settled after it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class CallKey(BaseModel):
    """Names one model call over retries: the next try knows what this one has set aside."""

    model_config = ConfigDict(frozen=True)

    ticket_id: str
    round: int
    step: str
    call: int = 0

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.round}/{self.step}/{self.call}"


class Reservation(BaseModel):
    """Tokens set aside for one call. A crashed call counts as spent until it is settled."""

    granted: bool
    tokens: int = Field(description="tokens reserved, prompt and completion together")
    left: int = Field(description="tokens the ticket may still reserve")
    standing: bool = Field(False, description="it was made before, and may have been used since")
    settled: bool = Field(
        False, description="this very call came to its end before; what it cost is counted"
    )


class Allowance(BaseModel):
    """What a tenant's quota says to one more call."""

    granted: bool
    limit: Literal["", "minute", "day"] = Field("", description="which limit stands in the way")
    wait: float | None = Field(
        None, description="seconds until so many tokens may be free; None: waiting does not help"
    )
