"""Of a customer only the named fields are shown, only of the ticket's tenant, and redacted."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mendwheel.domain.looking import Database, Query
from mendwheel.integrations.senses.customer import CustomerSense, HttpRecords, SqlRecords
from mendwheel.integrations.senses.sql import SqlSense
from mendwheel.ports import SenseError
from tests.integrations.sense_site import REPORT, WINDOW, Site, says, ticket

FIELDS = ["account", "plan.name", "entitlements", "note"]
RECORD = {
    "tenant": "acme",
    "account": "A-7",
    "plan": {"name": "gold", "price": 990},
    "entitlements": ["export", "sso"],
    "card": "4111 1111 1111 1111",
}


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as site:
        yield site


def _text(site: Site, record: Any, reporter: str = "u1") -> str:
    site.routes[f"/c/{reporter}"] = says(json.dumps(record))
    records = HttpRecords(site.url + "/c/{subject}", SecretStr("sesame"))
    sense = CustomerSense(records, FIELDS, "tenant")
    (seen,) = sense.observe(ticket(reporter=reporter), REPORT, None, WINDOW)
    return seen.text


def test_only_the_named_fields_are_shown(site: Site) -> None:
    assert _text(site, RECORD) == "account: A-7\nplan.name: gold\nentitlements: export, sso"
    assert site.asked == [("/c/u1", "Bearer sesame")]


def test_a_named_field_is_redacted(site: Site) -> None:
    text = _text(site, RECORD | {"note": "call ada@example.net, password=hunter2xyz"})
    assert "ada@example.net" not in text
    assert "hunter2xyz" not in text


def test_a_table_under_a_named_field_is_not_poured_out(site: Site) -> None:
    assert "secret" not in _text(site, RECORD | {"account": {"id": "secret"}})


def test_a_reporter_cannot_leave_his_place_in_the_address(site: Site) -> None:
    records = HttpRecords(site.url + "/c/{subject}?t={tenant}", None)
    site.routes["/c/..%2Fadmin%3Fall%3D1"] = says(json.dumps(RECORD))
    CustomerSense(records, FIELDS, "tenant").observe(
        ticket(reporter="../admin?all=1"), REPORT, None, WINDOW
    )
    assert site.asked == [("/c/..%2Fadmin%3Fall%3D1?t=acme", None)]


@pytest.mark.parametrize("reporter", [".", "..", "..."])
def test_a_reporter_of_dots_is_no_folder_above(site: Site, reporter: str) -> None:
    HttpRecords(site.url + "/c/{subject}/plan", None).find(ticket(reporter=reporter), WINDOW)
    assert site.asked == [("/c//plan", None)]


@pytest.mark.parametrize("theirs", [{"tenant": "rival"}, {"tenant": None}, {"tenant": ["acme"]}])
def test_a_record_that_is_not_certainly_of_the_tenant_is_not_shown(
    site: Site, theirs: dict[str, Any]
) -> None:
    with pytest.raises(SenseError, match="nothing is shown") as refused:
        _text(site, RECORD | theirs)
    assert "A-7" not in str(refused.value)


def test_of_several_records_only_the_tenants_are_shown(site: Site) -> None:
    text = _text(site, [RECORD, RECORD | {"tenant": "rival", "account": "B-9"}])
    assert "A-7" in text
    assert "B-9" not in text


def test_an_unknown_reporter_is_a_fact_and_no_error(site: Site) -> None:
    records = HttpRecords(site.url + "/nobody/{subject}", None)
    (seen,) = CustomerSense(records, FIELDS, "tenant").observe(ticket(), REPORT, None, WINDOW)
    assert seen.text == "The reporter is not known as a customer."


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ("", 401, "set MENDWHEEL_CUSTOMER_TOKEN"),
        ("", 500, "status 500"),
        ("<html>", 200, "no JSON"),
        ("[1]", 200, "no JSON object"),
    ],
)
def test_what_cannot_be_read_is_one_line(site: Site, body: str, status: int, told: str) -> None:
    site.routes["/c/u1"] = says(body, status=status)
    with pytest.raises(SenseError, match=told):
        HttpRecords(site.url + "/c/{subject}", None).find(ticket(reporter="u1"), WINDOW)


def test_customers_come_from_a_database_as_well(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE c (subject, tenant, account)")
        db.execute("INSERT INTO c VALUES ('slack:U1', 'acme', 'A-7'), ('slack:U1', 'rival', 'B-9')")
    db.close()
    query = Query(name="crm", database="d", statement="SELECT * FROM c WHERE subject = :subject")
    records = SqlRecords(SqlSense([Database(name="d", path=path)], [query]), query)
    (seen,) = CustomerSense(records, FIELDS, "tenant").observe(ticket(), REPORT, None, WINDOW)
    assert seen.text == "account: A-7"
