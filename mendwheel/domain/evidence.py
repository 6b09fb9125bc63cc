"""What claims rest on. Bulk stays in the artifact store; these are references and short texts."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from mendwheel.domain.hypothesis import Hypothesis
from mendwheel.domain.observation import Window
from mendwheel.domain.trust import Trust


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


RECORDED = "exhibits"
"""The read of files that came with the ticket."""

CUSTOMER = "customer"
"""Medium of what is known of the reporter: lines of `field: value`."""


_TRUST = {
    EvidenceKind.PASSAGE: Trust.CURATED,
    EvidenceKind.RUNBOOK: Trust.CURATED,
    EvidenceKind.CASE: Trust.REPORTED,
    EvidenceKind.EXHIBIT: Trust.REPORTED,
    EvidenceKind.FINDING: Trust.ESTABLISHED,
    EvidenceKind.READING: Trust.OBSERVED,
}


class Evidence(BaseModel):
    """One citable thing. `id` is unique within a ticket's dossier ("K1", "X2", "F3")."""

    id: str = Field("", description="given by the dossier")
    kind: EvidenceKind
    title: str
    source: str = Field(description="document id, case id, file name or tool name")
    text: str = ""
    artifact: ArtifactRef | None = None
    url: str | None = None
    window: Window | None = Field(None, description="the time that it tells of, where known")
    media: str = Field("", description="what an exhibit is: metrics, logs …; a runbook: its kind")
    component: str | None = None
    fault: str | None = None
    against: bool = Field(False, description="it speaks against its fault at its component")
    cites: list[str] = Field([], description="evidence ids that a finding rests on")
    quote: str = Field("", description="verbatim extract that supports a finding")
    score: float = Field(0.0, description="how well it matched, higher is better; per source only")
    cosine: float | None = Field(None, description="-1..1, nearness in meaning, where known")
    remedy: str | None = Field(None, description="the remedy a runbook names")
    confidence: float | None = Field(None, description="0..1, where the source states one")
    copies: list[str] = Field([], description="further documents that say just the same")
    read: str = Field("", description="name of the read or sense that brought it, where known")
    labels: list[list[str]] = Field(
        [], description="access labels: who is to see it needs one of each list"
    )
    proven: bool = Field(False, description="a past case: what was done held, as far as is known")

    @property
    def trust(self) -> Trust:
        """Whose words it holds. A file that came with the ticket is the reporter's."""
        looked_up = self.kind is EvidenceKind.EXHIBIT and self.read not in ("", RECORDED)
        return Trust.OBSERVED if looked_up else _TRUST[self.kind]


_PREFIX = {
    EvidenceKind.PASSAGE: "K",
    EvidenceKind.RUNBOOK: "B",
    EvidenceKind.CASE: "C",
    EvidenceKind.EXHIBIT: "X",
    EvidenceKind.FINDING: "F",
    EvidenceKind.READING: "R",
}


class ReadMade(BaseModel):
    """A read that was made for a ticket, so that the same one is not made again."""

    tool: str
    query: str = Field(description="SHA-256 of its words")
    found: list[str] = Field([], description="ids of the evidence it brought")
    repeats: int = Field(0, description="how often it was asked for again")


class Dossier(BaseModel):
    """Everything a ticket's agents may cite, kept as one artifact."""

    evidence: list[Evidence] = []
    reads: list[ReadMade] = []
    hypotheses: list[Hypothesis] = Field([], description="causes that were proposed")

    def of(self, *kinds: EvidenceKind) -> list[Evidence]:
        return [item for item in self.evidence if item.kind in kinds]

    def add(self, items: list[Evidence]) -> list[str]:
        """Take items in, each with an id of its own; what is there already is left out.

        Returns the ids of the items, of those that were there as well.
        """
        known = {(item.kind, item.source, item.title, item.text): item.id for item in self.evidence}
        numbers = Counter(item.kind for item in self.evidence)
        ids = []
        for item in items:
            mark = (item.kind, item.source, item.title, item.text)
            if mark not in known:
                numbers[item.kind] += 1
                known[mark] = f"{_PREFIX[item.kind]}{numbers[item.kind]}"
                self.evidence.append(item.model_copy(update={"id": known[mark]}))
            ids.append(known[mark])
        return ids


def by_words(evidence: Iterable[Evidence]) -> bool:
    """Whether no passage among it was compared by meaning."""
    passages = (item for item in evidence if item.kind is EvidenceKind.PASSAGE)
    return all(item.cosine is None for item in passages)
