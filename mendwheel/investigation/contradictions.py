"""Confronts each proposed cause with what the other investigators can see against it.

What speaks against a cause is a finding like any other: it states what was seen, cites where, and
names the cause that it contradicts.
"""

from collections.abc import Sequence

from mendwheel.domain.hypothesis import Hypothesis
from mendwheel.investigation.accused import Accused
from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.changes import late_changes
from mendwheel.investigation.cluster_state import well_now
from mendwheel.investigation.deeper import explained_deeper
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import open_exhibit
from mendwheel.investigation.steady import held_level
from mendwheel.investigation.telemetry import gather

EXAMINED = 12
"""Proposed causes that are confronted, the clearest first."""


def accused(findings: Sequence[Finding], hypotheses: Sequence[Hypothesis]) -> list[Accused]:
    """What was proposed, once each, the clearest first. What names no component has no rival."""
    known = {finding.id: finding for finding in findings}
    merged: dict[tuple[str, str], list[Hypothesis]] = {}
    for each in hypotheses:
        if each.component and each.fault:
            merged.setdefault((each.component, each.fault), []).append(each)
    proposed = [
        Accused(
            component=component,
            fault=fault,
            clearness=max(each.clearness for each in mine),
            findings=tuple(known[name] for each in mine for name in each.for_ids if name in known),
        )
        for (component, fault), mine in merged.items()
    ]
    return sorted(proposed, key=lambda each: -each.clearness)[:EXAMINED]


def contradictions(
    case: Case, findings: Sequence[Finding], hypotheses: Sequence[Hypothesis]
) -> list[Finding]:
    """What speaks against the proposed causes. Never raises on malformed evidence."""
    proposed = accused(findings, hypotheses)
    if not proposed:
        return []
    names = Names(case.components)
    documents = [open_exhibit(exhibit) for exhibit in case.exhibits]
    telemetry = gather(case, documents, names)
    found: list[Finding] = []
    found += held_level(case, telemetry, proposed)
    found += explained_deeper(case, telemetry.graph, proposed)
    found += late_changes(case, documents, names, proposed)
    found += well_now(case, documents, names, proposed)
    return found
