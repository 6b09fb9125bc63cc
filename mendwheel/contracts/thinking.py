"""Looking things up and thinking: the inputs, the results, the stubs."""

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.diagnosis import DiagnosisNote, ReviewNote, Triage
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.remedy import Plan
from mendwheel.domain.ticket import Information, Ticket


class ToolUse(BaseModel):
    """A read an agent asked for. The query is an artifact: it may quote the ticket."""

    tool: str
    query: ArtifactRef


class ThinkRequest(BaseModel):
    """One call of one agent."""

    ticket: Ticket
    agent: str
    playbook: Playbook
    round: int = 1
    turn: int = 0
    last_turn: bool = True
    triage: Triage | None = None
    dossier: ArtifactRef | None = None
    diagnosis: DiagnosisNote | None = None
    information: list[Information] = []


class Thought(BaseModel):
    """What came of one call: either reads to make first, or the agent's typed result."""

    uses: list[ToolUse] = []
    triage: Triage | None = None
    diagnosis: DiagnosisNote | None = None
    review: ReviewNote | None = None
    plan: Plan | None = None
    engine: str = ""
    tokens: int = 0


class LookRequest(BaseModel):
    """Reads to make for a ticket; what they find is added to the dossier."""

    ticket: Ticket
    tools: list[str] = Field(description="names of reads, in order")
    queries: list[ArtifactRef] = Field([], description="one a tool; empty: made from the report")
    triage: Triage | None = None
    dossier: ArtifactRef | None = None
    information: list[Information] = []
    places: list[str] = Field([], description="where it is followed, besides the ticket's own")


class EstablishRequest(BaseModel):
    """One investigator's share of the evidence."""

    ticket: Ticket
    sense: str = Field(description="signals, records or runbooks")
    triage: Triage | None = None
    dossier: ArtifactRef | None = None
    information: list[Information] = []
    places: list[str] = Field([], description="where it is followed, besides the ticket's own")


class MergeRequest(BaseModel):
    """What investigators who worked side by side found, to be put into one dossier."""

    ticket: Ticket
    dossier: ArtifactRef | None = None
    found: list[ArtifactRef] = []


class ThinkingStub:
    """Reads and agents. Nothing here changes the world."""

    @activity.defn(name="mendwheel.look")
    def look(self, request: LookRequest) -> ArtifactRef:
        """Make the reads; returns the grown dossier."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.establish")
    def establish(self, request: EstablishRequest) -> ArtifactRef:
        """Establish facts by code from one kind of evidence; returns what was found."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.merge")
    def merge(self, request: MergeRequest) -> ArtifactRef:
        """Number the findings and put them into the dossier."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.reason")
    def reason(self, request: ThinkRequest) -> Thought:
        """Let the extractive engine answer for an agent. Cheap: runs as a local activity."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.think")
    async def think(self, request: ThinkRequest) -> Thought:
        """Let a model answer for an agent. Heartbeats while the model works."""
        raise NotImplementedError
