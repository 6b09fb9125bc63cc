"""A read may hang, raise, return anything or far too much: it costs a line, never the look."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mendwheel.activities import reading
from mendwheel.activities.briefs import Texts
from mendwheel.activities.establishing import establish
from mendwheel.activities.reading import Reads
from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Brief
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import SenseError, StoreUnavailable
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import KnowledgeRead
from mendwheel.tools.summary import summarise
from tests import tickets

REPORT = Report(title="t", body="b")
TICKET = tickets.ticket()


class Read:
    """Does what a test tells it to."""

    def __init__(self, name: str, will: Callable[[], Any]) -> None:
        self.name = name
        self._will = will

    def look(self, ticket: Ticket, report: Report, query: str) -> Any:
        return self._will()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "s.db") as stores:
        yield stores


def item(text: str = "all calm", **fields: Any) -> Evidence:
    return Evidence(kind=EvidenceKind.READING, title="load", source="load", text=text, **fields)


def reads(stores: Stores, **will: Callable[[], Any]) -> Reads:
    return Reads({name: Read(name, each) for name, each in will.items()}, Texts(stores.artifacts))


def raising(error: Exception) -> Callable[[], Any]:
    def raise_it() -> Any:
        raise error

    return raise_it


@pytest.mark.parametrize(
    ("will", "said"),
    [
        (raising(ZeroDivisionError("secret inside")), "failed (ZeroDivisionError)"),
        (raising(TimeoutError()), "failed (TimeoutError)"),
        (sys.exit, "failed (SystemExit)"),
        (raising(SenseError("load: no such host: check the address")), "check the address"),
        (lambda: "all is well", "returned str instead of evidence"),
        (lambda: None, "returned NoneType instead of evidence"),
        (lambda: [{"text": "x"}], "returned dict instead of evidence"),
    ],
)
def test_a_read_that_misbehaves_becomes_one_line_that_says_so(
    stores: Stores, will: Callable[[], Any], said: str
) -> None:
    found = reads(stores, load=will, good=lambda: [item()]).look(
        TICKET, REPORT, [("load", "q"), ("good", "q")]
    )
    assert [each.title for each in found] == ["load could not be read", "load"]
    assert said in found[0].text
    assert "secret" not in found[0].text


def test_a_read_that_hangs_is_left_behind_and_asked_again_once_it_has_returned(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WITHIN", 0.2)
    go, starts = threading.Event(), []

    def hang() -> list[Evidence]:
        starts.append(1)
        assert go.wait(10)
        return [item()]

    hanging = reads(stores, load=hang)
    asked = [("load", "q")]
    before = time.monotonic()
    assert "did not answer" in hanging.look(TICKET, REPORT, asked)[0].text
    assert "still hangs" in hanging.look(TICKET, REPORT, asked)[0].text
    assert time.monotonic() - before < 2
    assert len(starts) == 1
    go.set()
    until = time.monotonic() + 5
    while hanging.look(TICKET, REPORT, asked) != [item()]:
        assert time.monotonic() < until
    assert len(starts) >= 2


def test_fifty_megabytes_are_summarised_and_the_rest_is_kept_beside(stores: Stores) -> None:
    line = "2026-05-04 09:00:00 INFO served a request in 12 ms\n"
    text = line * (50_000_000 // len(line)) + "ERROR disk full on /var/lib/data\n"
    before = time.monotonic()
    [found] = reads(stores, load=lambda: [item(text)]).look(TICKET, REPORT, [("load", "q")])
    assert time.monotonic() - before < 15
    assert len(found.text) <= reading.TEXT
    assert "disk full" in found.text
    assert found.artifact is not None
    assert found.artifact.size <= reading.KEPT * 4
    assert len(stores.artifacts.get(found.artifact)) > reading.TEXT


def test_thousands_of_things_and_endless_titles_are_cut(stores: Stores) -> None:
    wide = Evidence(kind=EvidenceKind.READING, title="x" * 9000, source="s", quote="y" * 9000)
    many = [wide] * 5000
    found = reads(stores, load=lambda: many).look(TICKET, REPORT, [("load", "q")])
    assert len(found) == reading.ITEMS
    assert max(len(each.title + each.quote) for each in found) <= 1200


def test_a_store_that_is_away_is_not_mistaken_for_an_empty_one(stores: Stores) -> None:
    away = reads(stores, load=raising(StoreUnavailable("the disk is full")))
    with pytest.raises(StoreUnavailable):
        away.look(TICKET, REPORT, [("load", "q")])


def test_an_agent_may_ask_for_its_own_reads_and_for_those_of_the_host(stores: Stores) -> None:
    senses = {
        "knowledge": KnowledgeRead(stores.knowledge),
        "load": Read("load", lambda: [item()]),
    }
    here = Reads(senses, Texts(stores.artifacts))
    assert here.equip(AGENTS["consultant"]).tools == ("knowledge", "load")
    assert here.equip(AGENTS["triage"]).tools == ()
    cards = here.cards(here.equip(AGENTS["investigator"]))
    assert [(card.name, card.description) for card in cards] == [
        ("knowledge", "Passages of documents that fit a query."),
        ("load", "Does what a test tells it to."),
    ]


def test_what_a_summary_says_about_itself_is_read_as_no_record(stores: Stores) -> None:
    whole = summarise("all calm\n" * 9000 + "ERROR out of memory\n", 2000)
    assert "[errors]" in whole
    ref = stores.artifacts.put("default", whole)
    exhibit = Evidence(kind=EvidenceKind.EXHIBIT, title="l", source="l", media="logs", artifact=ref)
    shown = Texts(stores.artifacts).exhibits(Dossier(evidence=[exhibit]))
    facts = establish("records", Brief(report=REPORT, evidence=shown))
    assert {fact.component for fact in facts} == {None}
    assert any("out of memory" in fact.text for fact in facts)


def test_secrets_in_what_a_hosts_read_brings_back_are_not_kept(stores: Stores) -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    long = f"key {secret} " * 5000
    found = reads(stores, load=lambda: [item(f"key {secret}", quote=secret), item(long)]).look(
        TICKET, REPORT, [("load", "q")]
    )
    assert not any(secret in each.model_dump_json() for each in found)
    assert found[1].artifact is not None
    assert secret not in stores.artifacts.get(found[1].artifact)
