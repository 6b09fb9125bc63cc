"""Weighs findings against each other: which component, which kind of fault, or nothing to do."""

from mendwheel.investigation.calibration import calibrated
from mendwheel.investigation.case import SUMMARY_LIMIT, Case, Conclusion, Finding, Suspect
from mendwheel.investigation.names import Names
from mendwheel.investigation.telemetry import graph_of
from mendwheel.investigation.telling import told
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault

SUSPECT_LIMIT = 5
LEAD_LIMIT = 200
# A finding that names no component speaks for each suspect's kind of fault at half its weight.
UNPLACED = 0.5
# A component that is named at less than this share of what names none is a bystander.
CLEARLY = 0.6
# What is felt speaks for the kind of fault at this share of what is wrong.
EFFECT = 0.7
# A suspect that something deeper explains, and one that its own figures, its state or the order of
# events deny, keep this share of their standing.
CONTRADICTED = 0.8
DENIED = 0.6
# Plain names of what is felt rather than what is wrong: any cause beside them names the fault.
EFFECTS = {choose_fault(family, ()) for family in ("latency", "errors", "overload")}


def conclude(case: Case, findings: list[Finding]) -> Conclusion:
    """Ranks suspects; `healthy` only on positive evidence that outweighs every present trouble."""
    calm = choose_fault(HEALTHY, case.faults) or HEALTHY
    trouble = [i for i, f in enumerate(findings) if f.fault != calm and not f.against]
    good = [i for i, f in enumerate(findings) if f.fault == calm and not f.against]
    healthy = _healthy(findings, good, trouble)
    suspects = _suspects(case, findings, trouble)
    shown = good if healthy else trouble
    if healthy:
        top = max(findings[i].weight for i in good)
        suspects = [Suspect(component=None, fault=calm, score=top, findings=good), *suspects]
    lead = _lead(suspects[:1], healthy, shown)
    order = _order(suspects[:1], findings, shown) + (trouble if healthy else [])
    points = told(findings, order, SUMMARY_LIMIT - len(lead))
    return Conclusion(
        suspects=suspects[:SUSPECT_LIMIT],
        healthy=healthy,
        confidence=_confidence(suspects, findings, healthy),
        summary=" ".join([lead, *(point.text for point in points)]).strip(),
        lead=lead,
        told=points,
    )


def _healthy(findings: list[Finding], good: list[int], trouble: list[int]) -> bool:
    sources = {f for i in good for f in findings[i].exhibit_ids}
    if not sources:
        return False
    strongest = max(findings[i].weight for i in good)
    worst = max((findings[i].weight for i in trouble), default=0.0)
    if strongest >= 0.9:
        return worst <= strongest
    return len(sources) >= 2 and worst < 0.5


def _suspects(case: Case, findings: list[Finding], trouble: list[int]) -> list[Suspect]:
    by_component: dict[str | None, list[int]] = {}
    for i in trouble:
        if findings[i].weight > 0.05:
            by_component.setdefault(_component(case, findings[i]), []).append(i)
    loose = by_component.get(None, [])
    if len(by_component) > 1 and not _outweighs(case, findings, by_component):
        by_component.pop(None, None)
    suspects = []
    for component, mine in by_component.items():
        extra = [] if component is None else loose
        fault = _fault(findings, mine, extra)
        score = joined([findings[i].weight for i in mine])
        suspects.append(Suspect(component=component, fault=fault, score=score, findings=mine))
    _contradict(findings, suspects, _prefer_deeper(case, suspects))
    return sorted(suspects, key=lambda s: -s.score)


def _outweighs(
    case: Case, findings: list[Finding], by_component: dict[str | None, list[int]]
) -> bool:
    """Whether what names no component is far clearer than what names one, and may stay so."""
    if case.components:
        return False
    strongest = {
        component: max(findings[i].weight for i in mine) for component, mine in by_component.items()
    }
    loose = strongest.pop(None, 0.0)
    return max(strongest.values()) < CLEARLY * loose


def _component(case: Case, finding: Finding) -> str | None:
    if finding.component is None or not case.components:
        return finding.component
    return finding.component if finding.component in case.components else None


def _fault(findings: list[Finding], mine: list[int], loose: list[int]) -> str | None:
    votes: dict[str, list[float]] = {}
    for group, share in ((mine, 1.0), (loose, UNPLACED)):
        for i in group:
            if fault := findings[i].fault:
                effect = EFFECT if fault in EFFECTS else 1.0
                votes.setdefault(fault, []).append(findings[i].weight * share * effect)
    return max(votes, key=lambda fault: joined(votes[fault])) if votes else None


def joined(weights: list[float]) -> float:
    """The strongest, plus a little for each that agrees: ten weak hints are not one proof."""
    ranked = sorted(weights, reverse=True)
    return min(1.0, ranked[0] + 0.1 * sum(ranked[1:4])) if ranked else 0.0


def _prefer_deeper(case: Case, suspects: list[Suspect]) -> set[str | None]:
    """Of two with the same fault, the one the other depends on is the likelier origin.

    Returns the components that are less likely for it.
    """
    if len(suspects) < 2:
        return set()
    graph = graph_of(case, Names(case.components))
    scores = {s.component: s for s in suspects}
    felt: set[str | None] = set()
    for suspect in suspects:
        for callee in graph.callees.get(suspect.component or "", {}):
            other = scores.get(callee)
            if other and other.fault == suspect.fault and other.score >= 0.6 * suspect.score:
                suspect.score *= CONTRADICTED
                felt.add(suspect.component)
    return felt


def _contradict(findings: list[Finding], suspects: list[Suspect], felt: set[str | None]) -> None:
    """Each investigator who saw something against a suspect makes it less likely, once.

    What lies deeper than a component in `felt` has been held against it already.
    """
    for suspect in suspects:
        senses = {
            finding.sense
            for finding in findings
            if finding.against
            and (finding.component, finding.fault) == (suspect.component, suspect.fault)
        }
        if "graph" in senses and suspect.component not in felt:
            suspect.score *= CONTRADICTED
        suspect.score *= DENIED ** len(senses - {"graph"})


def _confidence(suspects: list[Suspect], findings: list[Finding], healthy: bool) -> float:
    if healthy:
        return 0.85
    if not suspects:
        return 0.0
    margin = suspects[0].score - (suspects[1].score if len(suspects) > 1 else 0.0)
    raw = 0.6 * suspects[0].score + 0.4 * min(1.0, 2 * margin)
    sources = {e for i in suspects[0].findings for e in findings[i].exhibit_ids}
    if len(sources) < 2:  # one exhibit alone is believed, but not blindly
        raw = min(raw, 0.85)
    if suspects[0].fault is None:  # something is wrong, but not what
        raw = min(raw, 0.4)
    return round(calibrated(max(0.0, min(0.95, raw))), 3)


def _lead(lead: list[Suspect], healthy: bool, shown: list[int]) -> str:
    if not shown:
        return "The evidence shows neither a fault nor its absence."
    if healthy:
        return "Nothing is failing now: nothing needs doing."
    if not lead:
        return ""
    where = f" at {lead[0].component}" if lead[0].component else ""
    return f"Root cause: {lead[0].fault or 'a fault of unknown kind'}{where}."[:LEAD_LIMIT]


def _order(lead: list[Suspect], findings: list[Finding], shown: list[int]) -> list[int]:
    """The first suspect's findings before the others', each by weight."""
    first = set(lead[0].findings) if lead else set()
    return sorted(shown, key=lambda i: (-(i in first), -findings[i].weight))
