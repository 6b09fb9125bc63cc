"""One request to a model as the call log keeps it: figures and names, never a text."""

from datetime import datetime

from pydantic import BaseModel, Field


class ModelCall(BaseModel):
    """One request, or one that was spared by an answer kept from before."""

    at: datetime = Field(description="when it ended, UTC")
    tenant: str = ""
    ticket_id: str
    agent: str
    route: str = Field(description="the route's name in the settings")
    model: str = Field("", description="the model's name at the endpoint")
    prompt_version: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = Field(0.0, description="by the route's prices, in their currency")
    seconds: float = 0.0
    cached: bool = False
    failure: str = Field("", description="kind of failure, as in `timeout`; empty: it went well")
