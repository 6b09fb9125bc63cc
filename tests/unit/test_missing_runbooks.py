"""Promises about incidents for which no runbook, or only another one, was written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Cause
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.knowledge import Document
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.answers import retrieval_query
from mendwheel.gateway.extractive.investigate import investigate
from mendwheel.gateway.extractive.runbooks import rank_runbooks
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import RunbooksRead
from tests import tickets

PAGES = {
    "Rotate an API key": "Open the console, choose Keys and then Rotate. The old key works for a "
    "day.\n\n1. Create the new key.\n2. Put it into the service.\n3. Delete the old key.",
    "Single sign-on": "Users log in with the company account. Ask the identity team for access.",
    "Order a laptop": "Fill in the form. A new laptop is delivered within a week.",
}
FITTING = (
    "Replica lag is high",
    "The replica of the database lags behind the primary.\n\n## What to do\n\n"
    "1. Look for a long transaction on the primary.\n2. Cancel it.\n",
)
UNRELATED = [
    ("Consumer lag on orders is high", "The orders consumer is 40,000 messages behind."),
    ("Checkout returns 502", "Since 10:02 every third checkout fails with a bad gateway."),
    ("Disk nearly full on db-3", "The volume of db-3 has 4 % space left and fills up quickly."),
    ("Certificate expires soon", "The certificate of the service mail-gw expires in two days."),
]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "mendwheel.db") as stores:
        stores.knowledge.add("default", [_page(title, body) for title, body in PAGES.items()])
        yield stores


def _page(title: str, body: str, kind: str = "guide") -> Document:
    return Document(id=title.lower(), title=title, body=f"# {title}\n\n{body}", kind=kind)


def _brief(stores: Stores, title: str, body: str, *more: Evidence) -> Brief:
    report = Report(title=title, body=body)
    dossier = Dossier()
    read = RunbooksRead(stores.knowledge)
    dossier.add([*more, *read.look(tickets.ticket(), report, retrieval_query(report))])
    return Brief(report=report, evidence=dossier.evidence)


def _said(stores: Stores, title: str, body: str, *more: Evidence) -> Cause:
    return investigate(_brief(stores, title, body, *more), Thresholds())


@pytest.mark.parametrize(("title", "body"), UNRELATED)
def test_an_incident_is_handed_over_where_only_unrelated_pages_are_known(
    stores: Stores, title: str, body: str
) -> None:
    assert _said(stores, title, body).stance is Stance.UNKNOWN


def test_a_page_that_shares_one_common_word_is_no_runbook(tmp_path: Path) -> None:
    with Stores(tmp_path / "one.db") as stores:
        stores.knowledge.add("default", [_page("Rotate an API key", PAGES["Rotate an API key"])])
        title, body = "Payment service down", "The service answers nothing since noon."
        [(_, sure)] = rank_runbooks(_brief(stores, title, body))
        assert sure < Thresholds().runbook / 2
        assert _said(stores, title, body).claims == []


@pytest.mark.parametrize("kind", ["guide", "runbook"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_fitting_runbook_is_answered_marked_or_not_and_alone_or_not(
    stores: Stores, kind: str, alone: bool
) -> None:
    if alone:
        stores.knowledge.remove("default", [title.lower() for title in PAGES])
    stores.knowledge.add("default", [_page(*FITTING, kind=kind)])
    said = _said(stores, "Replica lag is high", "The replica lags 900 s behind the primary.")
    assert said.stance is Stance.RUNBOOK
    assert "Look for a long transaction" in said.claims[0].text


def test_a_document_that_nobody_marked_as_a_runbook_is_held_to_more(tmp_path: Path) -> None:
    sure = {}
    for kind in ("guide", "runbook"):
        with Stores(tmp_path / f"{kind}.db") as stores:
            stores.knowledge.add("default", [_page(*FITTING, kind=kind)])
            [(_, sure[kind])] = rank_runbooks(_brief(stores, "Replication stands still", "Lag."))
    assert sure["guide"] < sure["runbook"]


def test_a_runbook_that_an_alert_label_names_is_answered_whatever_the_text_says(
    stores: Stores,
) -> None:
    stores.knowledge.add("default", [_page("PoolExhausted", "Something fires: 1. Restart it.")])
    labels = Evidence(
        kind=EvidenceKind.EXHIBIT,
        title="labels",
        source="labels",
        media="alert",
        text='{"alertname": "PoolExhausted"}',
    )
    title, body = "Something fires", "It has been firing for a while."
    assert _said(stores, title, body).stance is Stance.UNKNOWN
    assert _said(stores, title, body, labels).stance is Stance.RUNBOOK


def test_whoever_takes_over_is_told_of_a_runbook_that_may_fit(stores: Stores) -> None:
    stores.knowledge.add("default", [_page(*FITTING)])
    title, body = "Replica lag is high", "The replica lags 900 s behind the primary."
    [(_, sure), *_] = rank_runbooks(_brief(stores, title, body))
    said = investigate(_brief(stores, title, body), Thresholds(runbook=min(1.0, sure + 0.01)))
    assert said.stance is Stance.UNKNOWN
    assert [claim.text for claim in said.claims] == ["Perhaps: Replica lag is high"]
    assert said.claims[0].evidence_ids
