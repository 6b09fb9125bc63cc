"""What the agents think: triage, diagnosis with cited claims, review. Notes go into history,
full texts into artifacts."""

from enum import StrEnum

from pydantic import BaseModel, Field

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.hypothesis import Hypothesis, Objection
from mendwheel.domain.ticket import Severity, TicketKind

TOLD = 2
"""Rejected causes that people are told of unasked."""


class Triage(BaseModel):
    """What kind of ticket it is and what is missing to work on it."""

    kind: TicketKind
    severity: Severity = Severity.MEDIUM
    component: str | None = None
    missing: list[str] = Field([], description="facts only the reporter has; asked for once")
    suspicious: bool = Field(False, description="the text gives orders to the agents")
    language: str = Field("en", description="ISO 639-1 code of the reporter's language")
    confidence: float = 0.0


class Stance(StrEnum):
    """What a diagnosis says."""

    ANSWER = "answer"
    CAUSE = "cause"
    RUNBOOK = "runbook"
    NO_ACTION = "no_action"
    CLARIFY = "clarify"
    UNKNOWN = "unknown"


class Claim(BaseModel):
    """One statement and the evidence ids it rests on."""

    text: str
    evidence_ids: list[str] = []
    quote: str = Field("", description="words of the evidence, where `text` translates them")
    by_code: bool = Field(False, description="copied or computed, whatever engine wrote the rest")


class Diagnosis(BaseModel):
    """The full text of what was found; kept as an artifact."""

    stance: Stance
    claims: list[Claim] = []
    component: str | None = None
    fault: str | None = None
    documents: list[str] = Field([], description="source documents, best first")
    runbooks: list[str] = Field([], description="runbook documents, best first")
    questions: list[str] = Field([], description="what to ask back, with stance `clarify`")
    confidence: float = 0.0
    engine: str = Field("", description="what produced it: `extractive`, or the model's name")
    objections: list[str] = []
    rejected: list[Hypothesis] = Field([], description="other causes, and what speaks against them")
    doubts: list[Objection] = Field([], description="what speaks against the cause itself")
    by_words: bool = Field(False, description="an answer from passages found by words alone")

    def text(self) -> str:
        """The claims as one Markdown text, in order, without citations."""
        return "\n\n".join(claim.text for claim in self.claims)

    def cited_text(self) -> str:
        """The claims with their evidence ids in brackets."""
        return "\n\n".join(
            f"{claim.text} [{', '.join(claim.evidence_ids)}]" if claim.evidence_ids else claim.text
            for claim in self.claims
        )

    def rejected_text(self) -> str:
        """The clearest causes that were rejected, one line each, with the evidence against."""
        return "\n".join(f"- {each.rejection()}" for each in self.rejected[:TOLD])


class DiagnosisNote(BaseModel):
    """What history keeps of a diagnosis."""

    ref: ArtifactRef
    stance: Stance
    headline: str = Field(description="at most 160 characters")
    component: str | None = None
    fault: str | None = None
    confidence: float = 0.0
    claims: int = 0
    engine: str = ""
    by_words: bool = False


class ReviewVerdict(StrEnum):
    ACCEPT = "accept"
    REVISE = "revise"  # worth one more round with the objections
    ABSTAIN = "abstain"  # too little is left that evidence supports


class ReviewNote(BaseModel):
    """What history keeps of a review; `diagnosis` is the text with unsupported claims dropped."""

    verdict: ReviewVerdict
    diagnosis: DiagnosisNote
    dropped: int = 0
    objections: int = 0
