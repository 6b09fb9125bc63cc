"""The beginning and the end of a ticket: recall, write back, record."""

from datetime import datetime

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.approval import Approval
from mendwheel.domain.diagnosis import Triage
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.outcome import Outcome, OutcomeFact, Standing
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.remedy import Receipt
from mendwheel.domain.ticket import Ticket


class OpenRequest(BaseModel):
    """A run begins."""

    ticket: Ticket
    round: int
    recall: bool = True
    dry_run: bool = False
    playbook: Playbook | None = Field(None, description="kept from an earlier run of this round")
    places: list[str] = Field([], description="where it is followed, besides the ticket's own")
    first: bool = Field(False, description="it begins, in whichever round")


class Opened(BaseModel):
    """The frozen playbook and what was recalled."""

    playbook: Playbook
    dossier: ArtifactRef | None = Field(None, description="similar past tickets")
    similar: int = 0
    duplicate_of: str | None = None
    live: bool = Field(False, description="whether there are running systems to look at")
    customer: bool = Field(False, description="whether the reporter can be looked up")


class PublishRequest(BaseModel):
    """One message to the people of a ticket: written once, whatever happens."""

    ticket: Ticket
    round: int
    step: str = Field(description="names the message within the round: answer, question, final …")
    outcome: Outcome | None = None
    approval: Approval | None = None
    triage: Triage | None = None
    place: str | None = Field(None, description="none: the ticket's own; empty: the desk alone")
    dossier: ArtifactRef | None = Field(None, description="what is said rests on it")


class RecordRequest(BaseModel):
    """An outcome to keep, also of failed and cancelled runs."""

    ticket: Ticket
    outcome: Outcome
    remember: bool = Field(True, description="make it a case that later tickets may recall")


class WatchedRequest(BaseModel):
    """The verification window ended."""

    ticket_id: str
    round: int
    standing: Standing


class FactRequest(BaseModel):
    """Something a person did about the ticket."""

    ticket_id: str
    fact: OutcomeFact


class RecordingStub:
    """What the store learns from a run."""

    @activity.defn(name="mendwheel.open")
    def open(self, request: OpenRequest) -> Opened:
        """Freeze the playbook, note the ticket, recall what is like it."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.publish")
    def publish(self, request: PublishRequest) -> Receipt:
        """Write one message through the ledger."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.record")
    def record(self, request: RecordRequest) -> datetime:
        """Keep the outcome. Returns when."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.note_fact")
    def note_fact(self, request: FactRequest) -> None:
        raise NotImplementedError

    @activity.defn(name="mendwheel.settle")
    def settle(self, request: WatchedRequest) -> None:
        """Confirm or revoke the outcome."""
        raise NotImplementedError
