"""What one investigator brings, and what comes of it when all of them are heard together."""

from collections.abc import Sequence

from mendwheel.activities.briefs import as_fact
from mendwheel.agents.agent import Brief
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.hypothesis import Hypothesis
from mendwheel.domain.observation import spanning
from mendwheel.gateway.extractive.investigate import as_case, as_finding
from mendwheel.gateway.extractive.runbooks import rank_runbooks
from mendwheel.investigation import records, signals
from mendwheel.investigation.case import Finding
from mendwheel.investigation.contradictions import contradictions
from mendwheel.investigation.investigators import PROPOSALS, advised, look, objection, propose

SENSES = {"signals": signals, "records": records}
"""How evidence was parted before there were five investigators: older tickets ask for these."""


def establish(sense: str, brief: Brief) -> list[Evidence]:
    """Findings of one sense as citable evidence. Raises LookupError for an unknown sense."""
    try:
        find = SENSES[sense]
    except KeyError:
        known = ", ".join(SENSES)
        raise LookupError(f"no sense {sense}; there are {known}") from None
    return [_evidence(finding, brief) for finding in find(as_case(brief))]


def investigated(investigator: str, brief: Brief) -> Dossier:
    """What one investigator finds in the exhibits, and the causes it proposes.

    Runbooks in the brief were found for the ticket: the investigator of knowledge speaks of them.
    """
    found, case = Dossier(), as_case(brief)
    findings = look(investigator, case)
    ids = found.add([_evidence(finding, brief) for finding in findings])
    known = [
        finding.model_copy(update={"id": name}) for finding, name in zip(findings, ids, strict=True)
    ]
    found.hypotheses = propose(investigator, case, known)
    read = [item for item in brief.evidence if item.kind is not EvidenceKind.EXHIBIT]
    names = dict(zip(map(id, read), found.add(read), strict=True))
    for source, confidence in rank_runbooks(brief)[:PROPOSALS]:
        passages = [item for item in read if item.source == source]
        ids = [names[id(item)] for item in passages]
        first = passages[0]
        found.hypotheses.append(advised(case, first.title, first.component, confidence, ids))
    return found


def merged(dossier: Dossier, found: Sequence[Dossier]) -> None:
    """Take in what each investigator found, numbered anew, with the causes it proposes."""
    dossier.hypotheses = []
    for part in found:
        ids = dossier.add(part.evidence)
        names = {item.id: name for item, name in zip(part.evidence, ids, strict=True)}
        dossier.hypotheses += [each.renumbered(names) for each in part.hypotheses]


def against(dossier: Dossier, brief: Brief) -> list[Evidence]:
    """What speaks against the proposed causes, as citable evidence."""
    found = contradictions(as_case(brief), _findings(dossier), dossier.hypotheses)
    return [_evidence(finding, brief) for finding in found]


def confronted(dossier: Dossier, evidence: list[Evidence]) -> None:
    """Take in what speaks against the proposed causes, and hold it against each of them."""
    dossier.add(evidence)
    objections = [finding for finding in _findings(dossier) if finding.against]
    dossier.hypotheses = [_objected(each, objections) for each in dossier.hypotheses]


def _findings(dossier: Dossier) -> list[Finding]:
    return [as_finding(as_fact(item)) for item in dossier.of(EvidenceKind.FINDING)]


def _objected(hypothesis: Hypothesis, against: Sequence[Finding]) -> Hypothesis:
    mine = [each for each in against if hypothesis.same_as(each.component, each.fault)]
    objections = {each.evidence_id: each for each in [*hypothesis.against, *map(objection, mine)]}
    return hypothesis.model_copy(update={"against": list(objections.values())})


def _evidence(finding: Finding, brief: Brief) -> Evidence:
    """People follow a finding to where it was seen, and see of which time it tells."""
    seen = [item for item in brief.evidence if item.id in finding.exhibit_ids]
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
        against=finding.against,
    )
