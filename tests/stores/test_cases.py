"""Cases are saved once a ticket, found by their words, and never across tenants."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.ports import Cases
from mendwheel.stores.cases import SqliteCases
from mendwheel.stores.store import Store

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TOPICS = ("mailbox", "parcel", "invoice", "camera", "printer", "payroll", "badge", "router")


@pytest.fixture
def cases(tmp_path: Path) -> Iterator[Cases]:
    store = Store(tmp_path / "store.db")
    store.open()
    yield SqliteCases(store)
    store.close()


def _case(ticket: str, title: str, text: str = "", minutes: int = 0, **more: object) -> Case:
    opened = START + timedelta(minutes=minutes)
    values = {"ticket_id": ticket, "title": title, "text": text or title, "opened_at": opened}
    return Case.model_validate(values | more)


def _fill(cases: Cases, number: int) -> None:
    for n in range(number):
        topic, other = TOPICS[n % 8], TOPICS[(n // 8) % 8]
        cases.save(_case(f"old-{n}", f"{topic} trouble {n}", f"The {topic} lost the {other} {n}."))


def test_case_comes_back_as_it_was_saved(cases: Cases) -> None:
    case = _case("t1", "Mail is late", outcome=OutcomeKind.ANSWERED, resolution="It is queued.")
    cases.save(case)
    assert cases.get("t1") == case
    assert cases.get("t2") is None


def test_saving_again_replaces_what_was_known(cases: Cases) -> None:
    cases.save(_case("t1", "Mail is late"))
    cases.save(_case("t1", "Calendar is empty", open=False))
    assert [match.case.ticket_id for match in cases.similar(_case("t2", "mail"))] == []
    assert cases.similar(_case("t2", "calendar"))[0].case.open is False
    assert len(cases.list("default")) == 1


def test_second_report_of_an_open_incident_is_found_among_many_cases(cases: Cases) -> None:
    _fill(cases, 300)
    cases.save(_case("a", "Paying fails", "HTTP 503 from pay-api since ten.", component="pay"))
    report = _case("b", "Till broken?", "The shop shows 503, pay-api is named.", component="pay")
    best, *rest = cases.similar(report, open_only=True)
    assert best.case.ticket_id == "a"
    assert best.similarity >= 0.75
    assert all(match.similarity < 0.6 for match in rest)


def test_closed_incident_is_recalled_but_is_no_duplicate(cases: Cases) -> None:
    cases.save(_case("a", "Paying fails", "HTTP 503 from pay-api", open=False))
    report = _case("b", "Paying fails", "HTTP 503 from pay-api")
    assert cases.similar(report, open_only=True) == []
    assert cases.similar(report)[0].similarity == 1.0


def test_case_is_never_like_itself_nor_like_another_tenants(cases: Cases) -> None:
    cases.save(_case("a", "Paying fails"))
    cases.save(_case("x", "Paying fails", tenant="other"))
    assert cases.similar(_case("a", "Paying fails")) == []
    assert cases.similar(_case("c", "")) == []


def test_most_alike_comes_first_and_the_limit_is_kept(cases: Cases) -> None:
    _fill(cases, 40)
    cases.save(_case("near", "router lost badge", "The router lost the badge reader today."))
    found = cases.similar(_case("new", "router lost badge reader"), limit=3)
    assert found[0].case.ticket_id == "near"
    assert len(found) == 3
    likeness = [match.similarity for match in found]
    assert likeness == sorted(likeness, reverse=True)
    assert all(0 <= value <= 1 for value in likeness)


def test_list_has_the_latest_first_and_only_open_ones_if_asked(cases: Cases) -> None:
    for n in range(4):
        cases.save(_case(f"t{n}", "Mail", minutes=n, open=n % 2 == 0))
    assert [case.ticket_id for case in cases.list("default", limit=3)] == ["t3", "t2", "t1"]
    assert [case.ticket_id for case in cases.list("default", open_only=True)] == ["t2", "t0"]
    assert cases.list("other") == []
