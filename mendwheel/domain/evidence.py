"""What claims rest on. Bulk stays in the artifact store; these are references and short texts."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class ArtifactRef(BaseModel):
    """Where a stored text lies: addressed by tenant and content hash."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    sha256: str
    size: int = Field(description="bytes, before encryption")


class EvidenceKind(StrEnum):
    PASSAGE = "passage"  # a section of a knowledge document
    RUNBOOK = "runbook"
    CASE = "case"  # a past ticket
    EXHIBIT = "exhibit"  # recorded evidence attached to the ticket
    FINDING = "finding"  # a fact that code established from exhibits
    READING = "reading"  # what a read tool returned


class Evidence(BaseModel):
    """One citable thing. `id` is unique within a ticket's dossier ("K1", "X2", "F3")."""

    id: str
    kind: EvidenceKind
    title: str
    source: str = Field(description="document id, case id, file name or tool name")
    text: str = ""
    artifact: ArtifactRef | None = None
    url: str | None = None
    media: str = Field("", description="what an exhibit is: metrics, logs, topology, changes …")
    component: str | None = None
    score: float = Field(0.0, description="how well it matched, higher is better; per source only")
    remedy: str | None = Field(None, description="the remedy a runbook names")
    confidence: float | None = Field(None, description="0..1, where the source states one")


class Dossier(BaseModel):
    """Everything a ticket's agents may cite, kept as one artifact."""

    evidence: list[Evidence] = []

    def ids(self) -> set[str]:
        return {item.id for item in self.evidence}

    def of(self, *kinds: EvidenceKind) -> list[Evidence]:
        return [item for item in self.evidence if item.kind in kinds]
