"""Labelled documents are for those whom a setting names, and for nobody by default."""

import pytest

from mendwheel.domain.access import Access, may_read, needs, without_findings
from mendwheel.domain.evidence import ArtifactRef, Dossier, Evidence, EvidenceKind
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.place import PlaceRule

STAFF, OPS, OPEN = "slack:C0STAFF", "jira:OPS", "slack:C0OPEN"
RULES = [
    PlaceRule(place=STAFF, labels=["staff", "hr"]),
    PlaceRule(place=OPS, labels=["staff", "ops"]),
    PlaceRule(place=OPEN),
    PlaceRule(place="slack:C0OTHER", labels=["hr"], tenant="acme"),
]
ACCESS = Access({"acme": ["handbook"]}, RULES, "default")


@pytest.mark.parametrize(
    ("tenant", "places", "labels"),
    [
        ("default", [], []),
        ("default", [""], []),
        ("default", [STAFF], ["hr", "staff"]),
        ("default", [f"{STAFF}/1700000000.000100"], ["hr", "staff"]),
        ("default", [STAFF, "jira:OPS-7"], ["staff"]),
        ("default", [STAFF, OPEN], []),
        ("default", [STAFF, "slack:C0NOBODY"], []),
        ("default", [STAFF, "no place at all"], []),
        ("default", ["slack:C0OTHER"], []),
        ("acme", [], ["handbook"]),
        ("acme", [STAFF], ["handbook"]),
        ("acme", ["slack:C0OTHER"], ["handbook", "hr"]),
    ],
)
def test_the_narrowest_of_all_places_holds_within_one_tenant(
    tenant: str, places: list[str], labels: list[str]
) -> None:
    assert ACCESS.labels(tenant, places) == labels


def test_labels_that_anybody_may_read_are_those_of_the_tenant_and_its_places() -> None:
    assert ACCESS.named("default") == ["hr", "ops", "staff"]
    assert ACCESS.named("acme") == ["handbook", "hr"]


def item(*labels: list[str]) -> Evidence:
    return Evidence(kind=EvidenceKind.PASSAGE, title="d", source="d", labels=list(labels))


def test_a_dossier_is_for_who_may_read_each_document_in_it() -> None:
    dossier = Dossier(evidence=[item(), item(["hr", "board"]), item(["ops"], ["board", "hr"])])
    assert needs(dossier) == [["board", "hr"], ["hr", "board"], ["ops"]]
    assert may_read(["hr", "ops"], needs(dossier))
    assert not may_read(["hr"], needs(dossier))
    assert may_read([], needs(Dossier(evidence=[item()])))
    assert not ACCESS.shows(dossier, "default", STAFF)
    assert ACCESS.shows(Dossier(evidence=[item(["hr"])]), "default", STAFF)


def test_an_outcome_without_findings_says_what_kind_it_is_and_no_more() -> None:
    ref = ArtifactRef(tenant="default", sha256="0" * 64, size=1)
    said = Outcome(
        ticket_id="t", round=1, kind=OutcomeKind.PROPOSED, reason="salaries: wrong", fault="f",
        component="salaries", diagnosis=ref, dossier=ref, remedy="raise",
    )  # fmt: skip
    bare = without_findings(said)
    assert bare.kind is OutcomeKind.PROPOSED
    assert "salaries" not in bare.model_dump_json()
    assert (bare.diagnosis, bare.dossier, bare.fault, bare.remedy) == (None, None, None, None)
