"""Promises about past incidents: what helped then is said now, if it is known to have helped."""

from datetime import timedelta
from typing import Any

import pytest

from mendwheel.agents.agent import Brief, Fact
from mendwheel.agents.citations import check
from mendwheel.agents.outputs import Cause
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.knowledge import Case, CaseMatch
from mendwheel.domain.outcome import OutcomeKind, Standing
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.investigate import investigate
from mendwheel.tools.reads import as_evidence_of_cases
from tests import tickets

TITLE = "Orders consumer lags behind"
HELPED = "Restarted the consumer and raised its memory."
BY_HUMAN = OutcomeKind.RESOLVED_BY_HUMAN


def _case(outcome: OutcomeKind | None = BY_HUMAN, **more: Any) -> Case:
    plain: dict[str, Any] = {
        "ticket_id": "T-1",
        "title": TITLE,
        "text": TITLE,
        "open": False,
        "outcome": outcome,
        "resolution": HELPED,
        "opened_at": tickets.NOW - timedelta(days=1),
    }
    return Case(**plain | more)


def _past(likeness: float = 0.95, **more: Any) -> Evidence:
    match = CaseMatch(case=_case(**more), similarity=likeness)
    [found] = as_evidence_of_cases([match])
    return found


RUNBOOK = Evidence(
    kind=EvidenceKind.RUNBOOK,
    title="Rotate an API key",
    source="keys",
    text="Open the console and rotate the key of the orders service.",
    score=0.6,
    confidence=0.1,
)


def _said(*evidence: Evidence, title: str = TITLE, facts: list[Fact] | None = None) -> Cause:
    dossier = Dossier()
    dossier.add(list(evidence))
    brief = Brief(report=Report(title=title, body=""), evidence=dossier.evidence, facts=facts or [])
    said = investigate(brief, Thresholds())
    claims = [Claim(**claim.model_dump()) for claim in said.claims]
    kept, objections = check(Diagnosis(stance=said.stance, claims=claims), dossier)
    assert (kept, objections) == (claims, []), "every claim stands on what it cites"
    return said


def test_what_helped_in_the_same_incident_comes_before_a_weak_runbook() -> None:
    said = _said(RUNBOOK, _past())
    assert said.stance is Stance.RUNBOOK
    assert TITLE in said.claims[0].text
    assert HELPED.rstrip(".") in said.claims[0].text
    assert said.claims[0].evidence_ids == ["C1"]
    assert said.confidence >= Thresholds().runbook


def _fact(weight: float) -> tuple[list[Evidence], Fact]:
    statement = "orders: CPU at 97 %"
    exhibit = Evidence(kind=EvidenceKind.EXHIBIT, title="m.csv", source="m.csv", media="metrics")
    finding = Evidence(kind=EvidenceKind.FINDING, title="orders", source="signals", text=statement)
    fact = Fact(
        evidence_id="F1",
        statement=statement,
        component="orders",
        fault="cpu",
        weight=weight,
        sense="signals",
        exhibit_ids=["X1"],
    )
    return [exhibit, finding], fact


def test_a_cause_that_stands_on_facts_needs_no_past_ticket() -> None:
    evidence, fact = _fact(0.95)
    said = _said(*evidence, _past(), facts=[fact])
    assert (said.stance, said.component) == (Stance.CAUSE, "orders")
    assert not any("C1" in claim.evidence_ids for claim in said.claims)


def test_nothing_is_carried_out_on_the_word_of_a_past_ticket() -> None:
    evidence, fact = _fact(0.3)
    assert _said(*evidence, facts=[fact]).component == "orders"
    said = _said(*evidence, _past(component="orders"), facts=[fact])
    assert said.stance is Stance.RUNBOOK
    assert (said.component, said.fault) == (None, None)


@pytest.mark.parametrize(
    ("likeness", "title"),
    [(0.6, TITLE), (0.95, "Orders producer lags behind")],
    ids=["less alike", "another word in its place"],
)
def test_an_incident_that_may_be_another_one_is_handed_over_with_what_helped_then(
    likeness: float, title: str
) -> None:
    said = _said(RUNBOOK, _past(likeness), title=title)
    assert said.stance is Stance.UNKNOWN
    assert HELPED.rstrip(".") in said.claims[-1].text


def test_hosts_and_figures_in_a_title_do_not_make_it_another_incident() -> None:
    past = _past(title="Orders consumer on node-17 lags 900 s behind")
    said = _said(past, title="Orders consumer on node-4 lags 400 s behind")
    assert said.stance is Stance.RUNBOOK


def test_a_ticket_that_shares_little_is_not_mentioned() -> None:
    assert _said(_past(0.3)).claims == []


@pytest.mark.parametrize(
    ("outcome", "standing", "proven"),
    [
        (OutcomeKind.FIXED, None, True),
        (BY_HUMAN, None, True),
        (None, None, True),
        (OutcomeKind.RUNBOOK, None, False),
        (OutcomeKind.PROPOSED, None, False),
        (OutcomeKind.RUNBOOK, Standing.CONFIRMED, True),
        (OutcomeKind.FIXED, Standing.REVOKED, False),
        (OutcomeKind.HANDED_OVER, Standing.CONFIRMED, False),
    ],
)
def test_only_what_is_known_to_have_helped_is_said_to_help(
    outcome: OutcomeKind | None, standing: Standing | None, proven: bool
) -> None:
    case = _case(outcome, standing=standing)
    assert case.proven is proven
    evidence = as_evidence_of_cases([CaseMatch(case=case, similarity=0.95)])
    assert (_said(*evidence).stance is Stance.RUNBOOK) is proven


def test_an_open_ticket_proves_nothing_and_a_revoked_one_is_not_quoted() -> None:
    assert not _case(None, open=True).proven
    revoked = _case(OutcomeKind.ANSWERED, standing=Standing.REVOKED)
    assert as_evidence_of_cases([CaseMatch(case=revoked, similarity=0.95)]) == []


def test_a_proven_case_is_found_behind_three_that_are_not() -> None:
    guesses = [_case(OutcomeKind.RUNBOOK, ticket_id=f"G-{n}") for n in range(4)]
    found = [CaseMatch(case=case, similarity=0.9) for case in [*guesses, _case()]]
    cited = as_evidence_of_cases(found)
    assert [item.source for item in cited] == ["G-0", "G-1", "G-2", "T-1"]
