"""Looking at running systems: input and stub."""

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.diagnosis import Triage
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ticket import Ticket


class ObserveRequest(BaseModel):
    """Look at what is running now, with the senses that are set up."""

    ticket: Ticket
    triage: Triage | None = None
    dossier: ArtifactRef | None = Field(None, description="what is found is added to it")
    senses: list[str] = Field([], description="only those of these names; empty: all")


class ObservingStub:
    """Read-only; a system that does not answer costs its own line and nothing else."""

    @activity.defn(name="mendwheel.observe")
    async def observe(self, request: ObserveRequest) -> ArtifactRef:
        raise NotImplementedError
