"""What can be said to a running ticket, and what it answers."""

from pydantic import BaseModel, Field

from mendwheel.domain.approval import Approval
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.state import Step
from mendwheel.domain.ticket import Information, Phase, Severity, TicketKind


class Delivery(BaseModel):
    """The signal a start comes with; a repeated one is recognised by its id."""

    delivery_id: str
    channel: str = "cli"
    places: list[str] = Field([], description="where the ticket is to be followed from now on")


class Reopen(BaseModel):
    """Somebody says that it is not resolved, and perhaps why: in one message, so in one round."""

    delivery_id: str
    who: str
    information: Information | None = None


class Link(BaseModel):
    """Another ticket about the same incident wants to close with this one."""

    ticket_id: str


class Closure(BaseModel):
    """The incident a linked ticket waited for has ended."""

    ticket_id: str
    kind: OutcomeKind
    reason: str = ""


class Cancel(BaseModel):
    """Stop working on it."""

    delivery_id: str
    who: str


class TakeOver(BaseModel):
    """A human goes on; what was found so far is recorded."""

    delivery_id: str
    who: str


class Status(BaseModel):
    """Answer of the query `status`."""

    ticket_id: str
    title: str
    phase: Phase
    round: int
    kind: TicketKind | None = None
    severity: Severity | None = None
    component: str | None = None
    waiting_for: str = Field("", description="what the ticket waits for, for people")
    approval: Approval | None = None
    outcome: Outcome | None = None


class Timeline(BaseModel):
    """Answer of the query `timeline`."""

    steps: list[Step] = []
