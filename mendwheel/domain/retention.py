"""A look for tickets whose time is over, a bounded number at once."""

from pydantic import BaseModel, Field


class SweepRequest(BaseModel):
    after: str = Field("", description="ids up to this one were gone through")
    days: float | None = Field(None, description="as the worker that made the schedule has it")
    days_of: dict[str, float] = {}


class Swept(BaseModel):
    """What became of the tickets that were looked at."""

    forgotten: int = 0
    left: int = Field(0, description="running, or not yet deleted by Temporal")
    after: str = Field("", description="the last id that was gone through")
    more: bool = False
