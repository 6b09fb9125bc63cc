"""What people see of a ticket: one card, updated in place, and messages in its thread."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from mendwheel.domain.approval import Approval
from mendwheel.domain.observation import Window
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Phase, Severity, TicketKind


class TaskState(StrEnum):
    """As Slack names them."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    ERROR = "error"


class CardTask(BaseModel):
    """One step of the plan."""

    title: str
    state: TaskState
    detail: str = ""


class CardEvidence(BaseModel):
    """A numbered source that the diagnosis cites as `[number]`."""

    number: int
    title: str
    source: str
    url: str | None = None
    window: Window | None = None


class CardRemedy(BaseModel):
    """What is proposed, running or done."""

    tool: str
    arguments: dict[str, Any] = {}
    expected: str = ""
    risk: Risk
    standing: str = Field("proposed", description="proposed, waiting, approved by …, done …")


class CardLink(BaseModel):
    """Somewhere else to look: the run in the Temporal UI, the Jira issue."""

    title: str
    url: str


class Card(BaseModel):
    """All texts are data: renderers escape them. `diagnosis` is Markdown."""

    ticket_id: str
    title: str
    reporter: str = ""
    round: int = 1
    phase: Phase
    headline: str = Field(description="one line: what happens now, or how it ended")
    kind: TicketKind | None = None
    severity: Severity | None = None
    component: str | None = None
    tasks: list[CardTask] = []
    diagnosis: str = Field("", description="Markdown; cites evidence as [1]")
    found: str = Field("Diagnosis", description="what the diagnosis is: an answer, a cause …")
    confidence: float = 0.0
    evidence: list[CardEvidence] = []
    similar: list[CardEvidence] = Field([], description="past tickets like this one")
    remedy: CardRemedy | None = None
    approval: Approval | None = Field(None, description="the open question; None: no buttons")
    decided: str = Field("", description="who decided what, when")
    outcome: OutcomeKind | None = None
    engine: str = ""
    problem: str = Field("", description="what could not be done or told, with the way out")
    links: list[CardLink] = []
    final: bool = Field(False, description="the round has ended: no buttons but feedback")
    updated_at: datetime


class MessageKind(StrEnum):
    QUESTION = "question"  # to the reporter: facts are missing
    ASKED = "asked"  # to approvers
    REMINDER = "reminder"
    ESCALATED = "escalated"
    FINAL = "final"
    REPLY = "reply"  # to what somebody said or tried


class Message(BaseModel):
    """One entry in a card's thread, or one comment."""

    kind: MessageKind
    text: str = Field(description="Markdown")
    approval: Approval | None = None
    mention: list[str] = Field([], description="subjects to call, such as slack:U1, slack:S1")
    feedback: bool = Field(False, description="offer thumbs")
    ticket_id: str = ""
