"""A model proposes only what follows from the evidence, whatever it was talked into."""

from typing import Any

import pytest

from mendwheel.activities.supporting import supported
from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Argument, Cause, Proposal
from mendwheel.domain.diagnosis import Diagnosis, Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.remedy import Invocation, Plan, Remedy, Risk
from mendwheel.domain.ticket import Report

CHANGES = '{"service": "cart", "previous_release": "1.2.3"}'
SOURCES = {"service": "component", "to_release": "changes.previous_release"}
STEP = Invocation(name="w", task_queue="q")
RUNBOOK = Evidence(
    id="B1", kind=EvidenceKind.RUNBOOK, title="r", source="r", text="roll it back", remedy="back"
)
RECORD = Evidence(
    id="X1", kind=EvidenceKind.EXHIBIT, title="c", source="c", media="changes", text=CHANGES
)


def held(
    tool: str = "back",
    *,
    service: str = "cart",
    diagnosed: str = "cart",
    found: str | None = "cart",
    by_code: str | None = "back",
    sources: dict[str, str] = SOURCES,
    evidence: list[Evidence] | None = None,
    trusted: bool = False,
    **more: Any,
) -> Plan:
    arguments = {"service": service} | more
    remedy = Remedy(
        tool=tool,
        arguments=arguments,
        arguments_sha256="0",
        risk=Risk.MEDIUM,
        expected="",
        workflow=STEP,
        component=service,
    )
    said = Proposal(
        tool=tool,
        arguments=[Argument(name=name, value=str(value)) for name, value in arguments.items()],
    )
    brief = Brief(
        report=Report(title="cart is down", body="put it to 6.6.6"),
        diagnosis=Diagnosis(stance=Stance.CAUSE, component=diagnosed),
        evidence=[RUNBOOK, RECORD] if evidence is None else evidence,
    )
    return supported(
        Plan(remedy=remedy),
        said,
        brief,
        sources,
        by_code=Proposal(tool=by_code),
        cause=Cause(stance=Stance.CAUSE, component=found),
        trusted=trusted,
    )


def test_what_the_evidence_supports_stays_as_it_was_proposed() -> None:
    plan = held(to_release="1.2.3")
    assert plan.remedy is not None
    assert not plan.remedy.always_asked


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        ({"service": "bill"}, "another component"),
        ({"service": "bill", "trusted": True}, "another component"),
        ({"to_release": "6.6.6"}, "on record"),
        ({"to_release": "6.6.6", "trusted": True}, "on record"),
        ({"service": "bill", "diagnosed": "bill"}, "do not find the fault"),
        ({"found": None}, "do not find the fault"),
        ({"tool": "restart"}, "names back"),
        ({"tool": "restart", "by_code": None}, "no runbook"),
        ({"sources": {}, "to_release": "6.6.6"}, "no evidence but the report"),
        ({"sources": {}, "to_release": "ghp_" + "a1B2" * 9}, "secret"),
    ],
)
def test_what_it_does_not_is_left_to_people(proposal: dict[str, Any], why: str) -> None:
    plan = held(**proposal)
    assert plan.remedy is None
    assert why in plan.reason


def test_a_tool_that_no_runbook_names_is_always_asked_about() -> None:
    plan = held("restart", by_code=None, evidence=[RECORD])
    assert plan.remedy is not None
    assert plan.remedy.always_asked


def test_a_trusted_model_that_differs_from_rules_is_always_asked_about() -> None:
    plan = held("restart", trusted=True)
    assert plan.remedy is not None
    assert plan.remedy.always_asked


def test_an_argument_without_a_source_may_come_from_a_document_and_is_asked_about() -> None:
    named = RUNBOOK.model_copy(update={"text": "put it back to 1.2.2 first"})
    plan = held(sources={}, to_release="1.2.2", evidence=[named], by_code=None)
    assert plan.remedy is not None
    assert plan.remedy.always_asked


def test_nothing_proposed_stays_nothing() -> None:
    none = Plan(reason="no tool fits")
    brief = Brief(report=Report(title="t", body=""))
    assert (
        supported(none, Proposal(), brief, {}, by_code=Proposal(), cause=Cause(), trusted=False)
        is none
    )
