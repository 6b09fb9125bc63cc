"""From references to the texts an agent is given, and back to references."""

from mendwheel.agents.agent import Brief, Fact, ToolCard
from mendwheel.contracts.thinking import ThinkRequest
from mendwheel.domain.diagnosis import Diagnosis
from mendwheel.domain.evidence import CUSTOMER, ArtifactRef, Dossier, Evidence, EvidenceKind
from mendwheel.domain.ticket import Information, Report, Ticket
from mendwheel.ports import Artifacts
from mendwheel.tools.summary import unframed

MAX_EXHIBIT = 5_000_000


class Texts:
    """Reads and writes the artifacts of tickets as models."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts

    def report(self, ticket: Ticket) -> Report:
        return Report.model_validate_json(self._artifacts.get(ticket.report))

    def dossier(self, ref: ArtifactRef | None) -> Dossier:
        return Dossier.model_validate_json(self._artifacts.get(ref)) if ref else Dossier()

    def diagnosis(self, ref: ArtifactRef) -> Diagnosis:
        return Diagnosis.model_validate_json(self._artifacts.get(ref))

    def information(self, items: list[Information]) -> list[str]:
        return [self._artifacts.get(item.text) for item in items]

    def text(self, ref: ArtifactRef) -> str:
        return self._artifacts.get(ref)

    def keep(self, ticket: Ticket, model: Dossier | Diagnosis) -> ArtifactRef:
        return self._artifacts.put(
            ticket.tenant, model.model_dump_json(exclude_defaults=True), ticket.id
        )

    def keep_text(self, ticket: Ticket, text: str) -> ArtifactRef:
        return self._artifacts.put(ticket.tenant, text, ticket.id)

    def exhibits(self, dossier: Dossier) -> list[Evidence]:
        """Exhibits with their full text instead of the excerpt."""
        return [
            item.model_copy(update={"text": self._whole(item.artifact)}) if item.artifact else item
            for item in dossier.of(EvidenceKind.EXHIBIT)
        ]

    def _whole(self, ref: ArtifactRef) -> str:
        return unframed(self._artifacts.get(ref)[:MAX_EXHIBIT])

    def brief(self, request: ThinkRequest, tools: list[ToolCard]) -> Brief:
        """Everything the agent of `request` may see; exhibits in full for those who read them."""
        dossier = self.dossier(request.dossier)
        if request.agent == "reviewer":
            return self._for_reviewer(request, dossier)
        reads_exhibits = request.agent in ("investigator", "planner")
        evidence = [item for item in dossier.evidence if item.kind is not EvidenceKind.EXHIBIT]
        evidence += self.exhibits(dossier) if reads_exhibits else dossier.of(EvidenceKind.EXHIBIT)
        if request.agent == "consultant":
            # A few lines on which the answer may depend, and which a small prompt has to hold.
            evidence.sort(key=lambda item: item.media != CUSTOMER)
        diagnosis = self.diagnosis(request.diagnosis.ref) if request.diagnosis else None
        return Brief(
            report=self.report(request.ticket),
            information=self.information(request.information),
            triage=request.triage,
            evidence=evidence,
            facts=[as_fact(item) for item in dossier.of(EvidenceKind.FINDING)],
            hypotheses=dossier.hypotheses,
            diagnosis=diagnosis,
            objections=diagnosis.objections if diagnosis else [],
            tools=tools,
            last_turn=request.last_turn,
        )

    def _for_reviewer(self, request: ThinkRequest, dossier: Dossier) -> Brief:
        """The claims and what they cite, and nothing of how the author came to them: who is shown
        the author's reasons and the rest of the evidence tends to agree.
        """
        diagnosis = self.diagnosis(request.diagnosis.ref) if request.diagnosis else None
        claims = diagnosis.claims if diagnosis else []
        cited = {name for claim in claims for name in claim.evidence_ids}
        return Brief(
            report=self.report(request.ticket),
            information=self.information(request.information),
            evidence=[item for item in dossier.evidence if item.id in cited],
            diagnosis=diagnosis,
            last_turn=request.last_turn,
        )


def as_fact(item: Evidence) -> Fact:
    """A finding as agents reason over it."""
    return Fact(
        evidence_id=item.id,
        statement=item.text,
        component=item.component,
        fault=item.fault,
        weight=min(1.0, max(0.0, item.score)),
        sense=item.source,
        exhibit_ids=item.cites,
        quote=item.quote,
        against=item.against,
    )
