"""What an investigation is given and what it hands back: plain values, no I/O."""

from typing import Any

from pydantic import BaseModel, Field, field_validator

QUOTE_LIMIT = 300
SUMMARY_LIMIT = 600
"""Characters; what people read in one go."""


class Exhibit(BaseModel):
    """One piece of recorded evidence attached to a ticket; findings cite it by `id`."""

    id: str
    name: str
    kind: str
    text: str


class Case(BaseModel):
    """A ticket with its evidence and, where known, the answers to choose from."""

    title: str
    body: str
    exhibits: list[Exhibit]
    components: list[str] = []
    faults: list[str] = []


class Finding(BaseModel):
    """A fact seen in the evidence. `quote` occurs in a cited exhibit (white space normalised)."""

    statement: str
    exhibit_ids: list[str] = Field(min_length=1)
    quote: str = Field(default="", max_length=QUOTE_LIMIT)
    component: str | None = None
    fault: str | None = None
    weight: float = Field(ge=0.0, le=1.0)
    sense: str
    id: str = Field("", description="its evidence id, once it has one")
    against: bool = Field(False, description="it speaks against its fault at its component")

    @field_validator("statement", "quote", "component", mode="before")
    @classmethod
    def _encodable(cls, text: Any) -> Any:
        # JSON evidence may hold half a surrogate pair, which no file or wire would take.
        return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


class Suspect(BaseModel):
    """A possible root cause; `findings` are indexes into the findings it was concluded from."""

    component: str | None
    fault: str | None
    score: float
    findings: list[int]


class Told(BaseModel):
    """One point of a summary; `finding` is the index of what it tells."""

    finding: int
    text: str


class Conclusion(BaseModel):
    """Suspects best first. `confidence` is a calibrated 0..1; `healthy` means nothing to do.

    `lead` is the first sentence of the summary, `told` the points that follow it.
    """

    suspects: list[Suspect]
    healthy: bool
    confidence: float = Field(ge=0.0, le=1.0)
    summary: str = Field(max_length=SUMMARY_LIMIT)
    lead: str = ""
    told: list[Told] = []
