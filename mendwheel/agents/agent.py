"""An agent is data; whoever thinks for it (a model, the extractive engine) gets a brief."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mendwheel.agents.precedent import Precedent
from mendwheel.domain.diagnosis import Diagnosis, Triage
from mendwheel.domain.evidence import Evidence
from mendwheel.domain.hypothesis import Hypothesis
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Report


class Fact(BaseModel):
    """A finding of the code that looks at exhibits, with the evidence id it was given."""

    evidence_id: str
    statement: str
    component: str | None = None
    fault: str | None = None
    weight: float = Field(0.0, ge=0, le=1)
    sense: str = ""
    exhibit_ids: list[str] = []
    quote: str = ""
    against: bool = False


class Agent(BaseModel):
    """One role. `tools` names the built-in reads it may ask for; it can never act."""

    model_config = ConfigDict(frozen=True)

    name: str
    purpose: str
    prompt: str  # default prompt version: a file in mendwheel/prompts
    output: type[BaseModel]
    tools: tuple[str, ...] = ()
    host_reads: bool = False  # may it ask for the reads that the host registered as well?


class ToolCard(BaseModel):
    """What an agent is told about a tool."""

    name: str
    description: str
    risk: Risk
    schema_: dict[str, Any] = {}


class Brief(BaseModel):
    """Everything one agent is given for one call. Report and evidence are untrusted text."""

    report: Report
    information: list[str] = []
    triage: Triage | None = None
    evidence: list[Evidence] = []
    facts: list[Fact] = []
    hypotheses: list[Hypothesis] = []
    diagnosis: Diagnosis | None = None
    objections: list[str] = []
    tools: list[ToolCard] = []
    precedents: list[Precedent] = []
    focus: str = ""
    last_turn: bool = True
