"""What people see of a running ticket, written to one place by one call."""

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.approval import Approval
from mendwheel.domain.diagnosis import DiagnosisNote, Triage
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.remedy import Receipt, Remedy
from mendwheel.domain.state import Step
from mendwheel.domain.ticket import Phase, Ticket


class PresentRequest(BaseModel):
    """The state of a ticket as its card is to show it."""

    ticket: Ticket
    place: str
    round: int
    phase: Phase
    steps: list[Step] = []
    triage: Triage | None = None
    dossier: ArtifactRef | None = None
    diagnosis: DiagnosisNote | None = None
    remedy: Remedy | None = None
    approval: Approval | None = None
    decided: str = ""
    outcome: Outcome | None = None
    problem: str = ""
    places: list[str] = Field([], description="all places of the ticket, to link them")
    final: bool = False


class PresentingStub:
    """The card of a ticket."""

    @activity.defn(name="mendwheel.present")
    def present(self, request: PresentRequest) -> Receipt:
        """Write or update the card. FRESH: nothing was written, because the place is quiet."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.conclude")
    def conclude(self, request: PresentRequest) -> Receipt:
        """What a place keeps besides texts: status, labels, links. Nothing to do: FRESH."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.call_out")
    def call_out(self, request: PresentRequest) -> Receipt:
        """Call whoever is on call. FRESH: nobody is, or it is not worth it."""
        raise NotImplementedError
