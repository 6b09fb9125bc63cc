"""A ticket: what was reported, by whom, and where its life stands."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from mendwheel.domain.evidence import ArtifactRef


class TicketKind(StrEnum):
    CONSULTING = "consulting"  # somebody asks how something works or is done
    ANOMALY = "anomaly"  # something is broken


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Phase(StrEnum):
    """Where a ticket stands; the value of the search attribute `MendwheelPhase`."""

    INTAKE = "intake"
    RECALL = "recall"
    TRIAGE = "triage"
    ASKING = "waiting_for_reporter"
    CONSULT = "consult"
    INVESTIGATE = "investigate"
    REVIEW = "review"
    PLAN = "plan"
    POLICY = "policy"
    APPROVAL = "waiting_for_approval"
    ACT = "act"
    VERIFY = "verify"
    WRITE_BACK = "write_back"
    RECORD = "record"
    WATCH = "watch"
    CLOSED = "closed"


class Attachment(BaseModel):
    """Recorded evidence that came with a ticket."""

    name: str
    media: str = Field(description="metrics, logs, traces, topology, changes, alert, tool_output …")
    artifact: ArtifactRef


class Report(BaseModel):
    """The reporter's own words and files: untrusted, kept as an artifact, never in history."""

    title: str
    body: str
    product: str | None = None
    attachments: list[Attachment] = []
    candidates: dict[str, list[str]] = Field(
        {}, description="services and fault kinds to choose from"
    )


class Ticket(BaseModel):
    """What history knows of a report."""

    id: str
    tenant: str = "default"
    system: str = Field(description="the system of record: cli, slack, jira, alert, batch")
    key: str
    title: str = Field(description="first line, redacted, at most 120 characters")
    reporter: str = Field(description="verified subject of the person who reported it")
    report: ArtifactRef
    component: str | None = None
    opened_at: datetime
    delivery_id: str = Field(
        description="the delivery that started it; the same one again is ignored"
    )
    place: str = Field(
        "", description="where to write back: a channel, an issue key; empty: the desk"
    )
    since: int = Field(
        1, description="the round that it began with; those of a forgotten one lie before"
    )


class Information(BaseModel):
    """Something a person added later. The text is an artifact."""

    delivery_id: str
    author: str
    text: ArtifactRef
    at: datetime
