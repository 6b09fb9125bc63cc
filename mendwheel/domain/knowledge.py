"""Documents, passages and past cases: what the suite may look things up in."""

from datetime import datetime

from pydantic import BaseModel, Field

from mendwheel.domain.outcome import OutcomeKind, Standing
from mendwheel.domain.ticket import Severity, Ticket, TicketKind


class Document(BaseModel):
    """One source document, before it is cut into passages."""

    id: str
    title: str
    body: str = Field(description="Markdown or plain text")
    kind: str = Field("guide", description="guide, runbook, article …")
    product: str | None = None
    component: str | None = None
    remedy: str | None = Field(None, description="name of the remedy a runbook calls for")
    url: str | None = None
    labels: list[str] = Field([], description="access labels; empty: everybody of the tenant")


class Passage(BaseModel):
    """A section of a document as a search found it."""

    document_id: str
    title: str
    heading: str = Field("", description="headings above it, joined by ` › `")
    text: str
    kind: str = "guide"
    position: int = Field(0, description="order within the document, from 0")
    component: str | None = None
    remedy: str | None = None
    url: str | None = None
    labels: list[str] = Field([], description="access labels of its document")
    copies: list[str] = Field([], description="further documents that say just the same")
    score: float = Field(0.0, description="higher is better; comparable within one search only")
    coverage: float = Field(
        0.0, description="0..1, share of the query's term weight that the passage contains"
    )
    cosine: float | None = Field(
        None, description="-1..1, nearness in meaning to the query; None where no vectors are kept"
    )


_CAME_TO_NOTHING = {OutcomeKind.HANDED_OVER, OutcomeKind.FAILED, OutcomeKind.CANCELLED,
                    OutcomeKind.ASKED_BACK}  # fmt: skip
_HELPED = {OutcomeKind.FIXED, OutcomeKind.RESOLVED_BY_HUMAN}


class Case(BaseModel):
    """A ticket as others may recall it."""

    ticket_id: str
    tenant: str = "default"
    title: str
    text: str = Field(
        description="searchable words of the report, redacted, at most 4,000 characters"
    )
    reporter: str = ""
    kind: TicketKind | None = None
    severity: Severity | None = None
    component: str | None = None
    open: bool = True
    outcome: OutcomeKind | None = None
    standing: Standing | None = Field(None, description="of the outcome; None while it is watched")
    resolution: str = Field("", description="what was answered or done, at most 2,000 characters")
    labels: list[list[str]] = Field(
        [], description="access labels: who is to see the resolution needs one of each list"
    )
    opened_at: datetime
    closed_at: datetime | None = None
    head: Ticket | None = Field(None, description="to start a new round long after the last one")

    @property
    def unproven(self) -> bool:
        """Whether what we made of it came to nothing: it must neither teach nor be quoted."""
        return self.outcome in _CAME_TO_NOTHING or self.standing is Standing.REVOKED

    @property
    def proven(self) -> bool:
        """Whether what was done helped: a check or a person said so, or nobody came back on it.

        What we only said (a runbook, a cause) proves nothing by having been said. Past tickets of
        people that were taken in have no outcome of ours.
        """
        if self.open or self.unproven or not self.resolution:
            return False
        ours = self.outcome is not None and self.outcome not in _HELPED
        return not ours or self.standing is Standing.CONFIRMED


class CaseMatch(BaseModel):
    """A past case and how alike it is."""

    case: Case
    similarity: float = Field(description="0..1; 1 means the same words and signatures")
