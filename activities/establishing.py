"""Facts by code: what signals and records of the attached evidence show."""

from collections.abc import Mapping

from mendwheel.agents.agent import Brief
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.observation import spanning
from mendwheel.gateway.extractive.investigate import as_case
from mendwheel.investigation import records, signals
from mendwheel.investigation.case import Finding

SENSES = {"signals": signals, "records": records}


def establish(sense: str, brief: Brief) -> list[Evidence]:
    """Findings of one sense as citable evidence. Raises LookupError for an unknown sense."""
    try:
        look = SENSES[sense]
    except KeyError:
        known = ", ".join(SENSES)
        raise LookupError(f"no sense {sense}; there are {known}") from None
    exhibits = {item.id: item for item in brief.evidence}
    return [_evidence(finding, exhibits) for finding in look(as_case(brief))]


def _evidence(finding: Finding, exhibits: Mapping[str, Evidence]) -> Evidence:
    """People follow a finding to where it was seen, and see of which time it tells."""
    seen = [exhibits[name] for name in finding.exhibit_ids if name in exhibits]
    return Evidence(
        kind=EvidenceKind.FINDING,
        title=finding.component or finding.sense,
        source=finding.sense,
        text=finding.statement,
        url=next((item.url for item in seen if item.url), None),
        window=spanning(item.window for item in seen),
        component=finding.component,
        fault=finding.fault,
        cites=finding.exhibit_ids,
        quote=finding.quote,
        score=finding.weight,
    )
