"""The sample world is fair: its questions are answered from its guides, the others are not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lanternpost.tickets import sample_tickets

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import ArtifactRef, Dossier
from mendwheel.domain.knowledge import Document
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.gateway.extractive.answers import answer, retrieval_query
from mendwheel.knowledge.sources import read_documents
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import KnowledgeRead

KNOWLEDGE = Path(__file__).resolve().parents[2] / "examples/lanternpost/knowledge"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with Stores(tmp_path_factory.mktemp("samples") / "store.db") as stores:
        found = [each for each in read_documents(KNOWLEDGE) if isinstance(each, Document)]
        stores.knowledge.add("default", found)
        yield stores


def reply(stores: Stores, seed: int, role: str) -> Answer:
    [drawn] = [each for each in sample_tickets(seed) if each.role == role]
    report = Report(title=drawn.title, body=drawn.body)
    ticket = Ticket(
        id="t",
        system="cli",
        key="k",
        title=drawn.title,
        reporter=drawn.reporter,
        report=ArtifactRef(tenant="default", sha256="0" * 64, size=1),
        opened_at=datetime.now(UTC),
        delivery_id="d",
    )
    dossier = Dossier()
    dossier.add(KnowledgeRead(stores.knowledge).look(ticket, report, retrieval_query(report)))
    return answer(Brief(report=report, evidence=dossier.evidence), Thresholds().answer)


@pytest.mark.parametrize("seed", range(40))
def test_a_sample_question_is_answered(stores: Stores, seed: int) -> None:
    assert reply(stores, seed, "question").stance is Stance.ANSWER


@pytest.mark.parametrize("seed", range(40))
def test_what_nobody_wrote_down_is_not_answered(stores: Stores, seed: int) -> None:
    assert reply(stores, seed, "unanswerable").stance is Stance.UNKNOWN
