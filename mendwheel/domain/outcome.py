"""What came of a ticket, and what people did about it afterwards."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ticket import Severity, TicketKind


class OutcomeKind(StrEnum):
    ANSWERED = "answered"
    ASKED_BACK = "asked_back"
    HANDED_OVER = "handed_over"
    FIXED = "fixed"
    PROPOSED = "proposed"  # root cause named, the steps are left to a human
    RUNBOOK = "runbook"
    NO_ACTION = "no_action"
    DUPLICATE = "duplicate"
    RESOLVED_BY_HUMAN = "resolved_by_human"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Standing(StrEnum):
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"  # reopened or reassigned within the window


class FactKind(StrEnum):
    REOPENED = "reopened"
    REASSIGNED = "reassigned"
    RESOLVED_BY_HUMAN = "resolved_by_human"
    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    EDITED = "edited"
    CAME_BACK = "came_back"
    RECOVERED = "recovered"  # monitoring says that it is over; never revokes an outcome


class OutcomeFact(BaseModel):
    """One thing a person did about a ticket after or while we worked on it."""

    id: str = Field(description="delivery id; the same one again is ignored")
    kind: FactKind
    who: str
    at: datetime
    detail: ArtifactRef | None = None


class Outcome(BaseModel):
    """The result of one round of one ticket."""

    ticket_id: str
    round: int
    kind: OutcomeKind
    standing: Standing = Standing.PROVISIONAL
    reason: str = Field("", description="one sentence for people; no ticket text")
    ticket_kind: TicketKind | None = None
    severity: Severity | None = None
    component: str | None = None
    fault: str | None = None
    confidence: float = 0.0
    diagnosis: ArtifactRef | None = None
    dossier: ArtifactRef | None = None
    remedy: str | None = None
    arguments_sha256: str | None = None
    undone: bool = False
    decided_by: list[str] = []
    duplicate_of: str | None = None
    engine: str = Field("", description="`extractive`: no word of it is a language model's")
    playbook: str = ""
    policy: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
