"""What each agent must answer with. Strings are capped: a small model must not run away."""

from pydantic import BaseModel, Field

from mendwheel.domain.diagnosis import ReviewVerdict, Stance

MAX_CLAIMS = 16
"""Statements a cause may rest on: each is one established fact."""


class ToolCall(BaseModel):
    """A read the agent asks for before it answers."""

    tool: str
    query: str = Field("", max_length=400)


class CitedClaim(BaseModel):
    """One statement with the ids of the evidence that supports it."""

    text: str = Field(max_length=1200)
    evidence_ids: list[str] = Field(max_length=8)
    quote: str = Field("", max_length=600)


class Found(CitedClaim):
    """One that code copied or computed. A model's output is never read as one."""


class Answer(BaseModel):
    """The consultant's output; `calls` asks for reads instead of answering."""

    calls: list[ToolCall] = Field([], max_length=3)
    stance: Stance = Stance.UNKNOWN
    claims: list[CitedClaim] = Field([], max_length=6)
    questions: list[str] = Field([], max_length=3)
    confidence: float = Field(0.0, ge=0, le=1)


class Cause(BaseModel):
    """The investigator's output."""

    calls: list[ToolCall] = Field([], max_length=3)
    stance: Stance = Stance.UNKNOWN
    component: str | None = None
    fault: str | None = None
    claims: list[CitedClaim] = Field([], max_length=MAX_CLAIMS)
    confidence: float = Field(0.0, ge=0, le=1)


class ClaimReview(BaseModel):
    """What the reviewer thinks of one claim, by its number from 0."""

    claim: int
    supported: bool
    objection: str = Field("", max_length=300)


class Review(BaseModel):
    """The reviewer's output."""

    verdict: ReviewVerdict
    claims: list[ClaimReview] = Field([], max_length=MAX_CLAIMS)


class Argument(BaseModel):
    """One argument by name: a list of these fits strict JSON schemas, a free dict does not."""

    name: str = Field(max_length=80)
    value: str = Field(max_length=400)


class Proposal(BaseModel):
    """The planner's output: a registered tool with arguments, or nothing."""

    tool: str | None = None
    arguments: list[Argument] = Field([], max_length=10)
    expected: str = Field("", max_length=300)
    reason: str = Field("", max_length=300)
