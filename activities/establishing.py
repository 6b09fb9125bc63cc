"""Facts by code: what signals and records of the attached evidence show."""

from mendwheel.agents.agent import Brief
from mendwheel.domain.evidence import Evidence, EvidenceKind
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
    return [_evidence(finding) for finding in look(as_case(brief))]


def _evidence(finding: Finding) -> Evidence:
    return Evidence(
        kind=EvidenceKind.FINDING,
        title=finding.component or finding.sense,
        source=finding.sense,
        text=finding.statement,
        component=finding.component,
        fault=finding.fault,
        cites=finding.exhibit_ids,
        quote=finding.quote,
        score=finding.weight,
    )
