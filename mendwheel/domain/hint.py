"""News from a system of record: a hint only, what it is about is read again."""

from pydantic import BaseModel, Field


class Hint(BaseModel):
    """Something happened to `key`; started as a workflow of its own, so it outlives us."""

    system: str = Field(description="jira or slack")
    key: str = Field(description="issue key; channel/thread timestamp in Slack")
    delivery_id: str = Field(description="the same for a redelivery")
    event: str = Field("", description="as the sender names it; untrusted")
    who: str = Field("", description="subject that an edge has authenticated, or empty")
    place: str = Field("", description="a further place that wants to follow the ticket")


class Taken(BaseModel):
    """What became of a hint."""

    became: str = Field(description="ticket, informed, nothing …; one line, no ticket text")
    tickets: list[str] = []


class Polled(BaseModel):
    """Issues that changed since the cursor."""

    hints: list[Hint] = []
    cursor: str = ""
    more: bool = False


class PollRequest(BaseModel):
    system: str = "jira"
    cursor: str = ""
