"""What the investigator is given of a labelled incident, made without a workflow run."""

from datetime import UTC, datetime

from bench.resolution_data import Labelled, ticket_of
from mendwheel.activities.briefs import as_fact
from mendwheel.activities.establishing import SENSES, establish
from mendwheel.agents.agent import Brief
from mendwheel.batch.tickets import SYSTEM, BatchTicket, Piece
from mendwheel.domain.evidence import ArtifactRef, Dossier, Evidence, EvidenceKind
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.gateway.extractive.answers import retrieval_query
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import RunbooksRead


def brief_of(row: Labelled, stores: Stores) -> Brief:
    """What the investigator is given of an incident: runbooks found for it, facts of code."""
    seen = ticket_of(row)
    report = Report(title=seen.title, body=seen.body, candidates=seen.candidates)
    dossier = Dossier()
    dossier.add([_exhibit(each) for each in seen.evidence])
    brief = Brief(report=report, evidence=dossier.evidence)
    for sense in SENSES:
        dossier.add(establish(sense, brief))
    found = RunbooksRead(stores.knowledge).look(_ticket(seen), report, retrieval_query(report))
    dossier.add(found)
    facts = [as_fact(item) for item in dossier.of(EvidenceKind.FINDING)]
    return brief.model_copy(update={"evidence": dossier.evidence, "facts": facts})


def _exhibit(piece: Piece) -> Evidence:
    return Evidence(
        kind=EvidenceKind.EXHIBIT,
        title=piece.name,
        source=piece.name,
        media=piece.type,
        text=piece.text,
    )


def _ticket(seen: BatchTicket) -> Ticket:
    return Ticket(
        id=seen.id,
        system=SYSTEM,
        key=seen.id,
        title=seen.title[:120],
        reporter=SYSTEM,
        report=ArtifactRef(tenant="default", sha256="", size=0),  # the read is given the report
        opened_at=datetime(2020, 1, 1, tzinfo=UTC),
        delivery_id=seen.id,
    )
