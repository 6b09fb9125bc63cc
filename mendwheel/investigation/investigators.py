"""Five investigators by what they look at; each establishes facts and proposes causes from them."""

from collections.abc import Callable, Sequence

from mendwheel.domain.hypothesis import WHY_LIMIT, Hypothesis, Objection
from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.conclude import joined
from mendwheel.investigation.records import advice, changes, logs
from mendwheel.investigation.signals import metrics, service_graph
from mendwheel.investigation.symptoms import classify
from mendwheel.investigation.telling import shortened
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault

INVESTIGATORS: dict[str, Callable[[Case], list[Finding]]] = {
    "metrics": metrics,
    "graph": service_graph,
    "changes": changes,
    "logs": logs,
    "knowledge": advice,
}
"""In the order of their findings: of equally clear ones the present state is told before logs."""
PROPOSALS = 4
"""Causes that one investigator proposes; what it sees less clearly is no proposal."""
NAMED = 70
"""Characters of a runbook's title that name a fault."""


def look(investigator: str, case: Case) -> list[Finding]:
    """What one investigator finds. Raises LookupError for one that does not exist."""
    try:
        find = INVESTIGATORS[investigator]
    except KeyError:
        known = ", ".join(INVESTIGATORS)
        raise LookupError(f"no investigator {investigator}; there are {known}") from None
    return [finding.model_copy(update={"sense": investigator}) for finding in find(case)]


def propose(investigator: str, case: Case, findings: Sequence[Finding]) -> list[Hypothesis]:
    """The causes that its findings speak for, the clearest first.

    What it sees to be felt only is proposed as well, with what it holds against it.
    """
    calm = choose_fault(HEALTHY, case.faults) or HEALTHY
    grouped: dict[tuple[str | None, str | None], list[Finding]] = {}
    for finding in findings:
        named = finding.component if _allowed(case, finding.component) else None
        if finding.fault != calm and (named or finding.fault):
            grouped.setdefault((named, finding.fault), []).append(finding)
    proposed = [
        Hypothesis(
            component=component,
            fault=fault,
            proposed_by=[investigator],
            clearness=joined([finding.weight for finding in mine]),
            for_ids=list(dict.fromkeys(finding.id for finding in mine))[:8],
            against=[objection(finding) for finding in mine if finding.against],
        )
        for (component, fault), mine in grouped.items()
    ]
    return sorted(proposed, key=lambda each: -each.clearness)[:PROPOSALS]


def objection(finding: Finding) -> Objection:
    """A finding that speaks against a cause, in one line."""
    return Objection(evidence_id=finding.id, why=shortened(finding.statement, WHY_LIMIT - 1))


def advised(
    case: Case, title: str, component: str | None, confidence: float, ids: Sequence[str]
) -> Hypothesis:
    """The cause that a runbook is written for, by its title."""
    name = title.split(" › ")[0]
    symptom = classify(name)
    family = symptom.family if symptom else None
    return Hypothesis(
        component=component,
        fault=choose_fault(family, case.faults) or name[:NAMED],
        proposed_by=["knowledge"],
        clearness=max(0.0, min(1.0, confidence)),
        for_ids=list(ids)[:8],
    )


def _allowed(case: Case, component: str | None) -> bool:
    return not case.components or component in case.components
