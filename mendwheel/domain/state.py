"""What a ticket carries from one run to the next: references, round, seen ids. Nothing bulky."""

from datetime import datetime

from pydantic import BaseModel, Field

from mendwheel.domain.diagnosis import DiagnosisNote, Triage
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.remedy import Remedy
from mendwheel.domain.ticket import Information, Phase, Ticket

_MAX_SEEN = 500


class Step(BaseModel):
    """One line of a ticket's timeline."""

    at: datetime
    phase: Phase
    text: str


class TicketState(BaseModel):
    """Carried over continue-as-new; everything has a default, nothing is ever renamed."""

    phase: Phase = Phase.INTAKE
    round: int = 1
    playbook: Playbook | None = None
    triage: Triage | None = None
    dossier: ArtifactRef | None = None
    information: list[Information] = []
    considered: int = Field(0, description="how many of `information` this round has read")
    linked: list[str] = Field([], description="duplicates that close with this ticket")
    asked: bool = Field(False, description="the reporter has been asked once already")
    cancelled_by: str = Field("", description="who asked to stop, until it has stopped")
    reopened_by: str = Field("", description="who reopened it, until the next round has begun")
    seen: list[str] = Field([], description="ids of deliveries and decisions already taken in")
    outcome: Outcome | None = None
    started_at: datetime | None = None
    watch_until: datetime | None = None
    timeline: list[Step] = []
    places: list[str] = Field([], description="where people follow it, besides the ticket's own")
    taken_by: str = Field("", description="who goes on with it instead of us")
    resolved_by: str = Field("", description="who resolved it elsewhere while we worked")
    problem: str = Field("", description="what could not be told or done at a place")
    diagnosis: DiagnosisNote | None = Field(None, description="what cards show while it is watched")
    remedy: Remedy | None = Field(None, description="the same, of what was done or proposed")
    decided: str = Field("", description="the same, of who decided")
    revoked: bool = Field(False, description="a human went on or was faster: it did not hold")

    def take(self, delivery_id: str) -> bool:
        """Note `delivery_id`; False when it was taken in before."""
        if delivery_id in self.seen:
            return False
        # Old ids go first: a redelivery comes within minutes, not after hundreds of others.
        self.seen = [*self.seen, delivery_id][-_MAX_SEEN:]
        return True

    def next_round(self) -> "TicketState":
        """The state a new round starts from: what is known stays, what was decided goes."""
        return TicketState(
            round=self.round + 1,
            information=self.information,
            seen=self.seen,
            linked=self.linked,
            places=self.places,
            cancelled_by=self.cancelled_by,
            taken_by=self.taken_by,
            resolved_by=self.resolved_by,
            timeline=self.timeline[-20:],
        )


class TicketInput(BaseModel):
    """What `mendwheel.ticket` is started with."""

    ticket: Ticket
    state: TicketState = TicketState()
    dry_run: bool = Field(False, description="no approval, no effect, no wait, no watch")
    recall: bool = Field(True, description="look for duplicates and similar past tickets")
    index: bool = Field(True, description="the namespace knows the Mendwheel search attributes")
    on_call: bool = Field(False, description="somebody is called when a human has to go on")
