"""A model that asks for the same read again is told where it stands; the read is not made again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.activities.briefs import Texts
from mendwheel.activities.reading import Reads
from mendwheel.activities.repeated import look_once
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.stores.bundle import Stores
from tests import tickets

REPORT = Report(title="t", body="b")
TICKET = tickets.ticket()


class Load:
    """Counts the looks; finds one thing a query, and nothing for `nothing`."""

    name = "load"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]:
        self.asked.append(query)
        if query == "nothing":
            return []
        text = f"{query}: {len(self.asked)}"
        return [Evidence(kind=EvidenceKind.READING, title="load", source="load", text=text)]


@pytest.fixture
def load() -> Load:
    return Load()


@pytest.fixture
def reads(tmp_path: Path, load: Load) -> Iterator[Reads]:
    with Stores(tmp_path / "s.db") as stores:
        yield Reads({"load": load}, Texts(stores.artifacts))


def _chosen(reads: Reads, dossier: Dossier, *queries: str) -> None:
    look_once(reads, dossier, TICKET, REPORT, [("load", query) for query in queries])


def test_a_repeated_read_is_answered_with_its_exhibit_and_counted(reads: Reads, load: Load) -> None:
    dossier = Dossier()
    _chosen(reads, dossier, "cpu of shop")
    kept = Dossier.model_validate_json(dossier.model_dump_json(exclude_defaults=True))
    _chosen(reads, kept, "CPU  of shop")
    _chosen(reads, kept, "cpu of shop")
    assert load.asked == ["cpu of shop"]
    assert [each.text for each in kept.evidence] == ["cpu of shop: 1", "already read: exhibit R1"]
    assert [read.repeats for read in kept.reads] == [2]


def test_another_query_is_another_read(reads: Reads, load: Load) -> None:
    dossier = Dossier()
    _chosen(reads, dossier, "cpu")
    _chosen(reads, dossier, "memory")
    assert load.asked == ["cpu", "memory"]
    assert not any(read.repeats for read in dossier.reads)


def test_the_same_read_twice_in_one_turn_is_made_once(reads: Reads, load: Load) -> None:
    dossier = Dossier()
    _chosen(reads, dossier, "cpu", "memory", "cpu")
    assert sorted(load.asked) == ["cpu", "memory"]


def test_a_repeated_read_that_found_nothing_says_so(reads: Reads, load: Load) -> None:
    dossier = Dossier()
    _chosen(reads, dossier, "nothing")
    _chosen(reads, dossier, "nothing")
    assert load.asked == ["nothing"]
    assert dossier.evidence[-1].text == "already read: it found nothing"


def test_the_suites_own_look_is_made_again_and_a_model_need_not_repeat_it(
    reads: Reads, load: Load
) -> None:
    dossier = Dossier()
    for _ in range(2):
        look_once(reads, dossier, TICKET, REPORT, [], [("load", "cpu")])
    _chosen(reads, dossier, "cpu")
    assert load.asked == ["cpu", "cpu"]
    assert dossier.evidence[-1].text == "already read: exhibit R2"
