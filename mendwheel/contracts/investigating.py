"""Investigators side by side, and the confrontation of what they propose: inputs and stub."""

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ticket import Information, Ticket


class InvestigateRequest(BaseModel):
    """One investigator's share of the evidence."""

    ticket: Ticket
    investigator: str = Field(description="metrics, graph, changes, logs or knowledge")
    dossier: ArtifactRef | None = None
    information: list[Information] = []
    places: list[str] = Field([], description="where it is followed, besides the ticket's own")


class ConfrontRequest(BaseModel):
    """What investigators who worked side by side found and propose."""

    ticket: Ticket
    dossier: ArtifactRef | None = None
    found: list[ArtifactRef] = []
    unheard: list[str] = Field([], description="investigators whose call failed altogether")
    information: list[Information] = []


class InvestigatingStub:
    """Facts and proposed causes by code. One who fails costs a line and nothing else."""

    @activity.defn(name="mendwheel.investigate")
    def investigate(self, request: InvestigateRequest) -> ArtifactRef:
        """Establish facts from one kind of evidence and propose causes; returns what was found."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.confront")
    def confront(self, request: ConfrontRequest) -> ArtifactRef:
        """One dossier of all that was found, each proposed cause with what speaks against it."""
        raise NotImplementedError
