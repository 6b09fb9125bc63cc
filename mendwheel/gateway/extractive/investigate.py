"""Name the cause from established facts, or the runbook that fits, or nothing."""

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Cause, CitedClaim
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.playbook import Thresholds
from mendwheel.gateway.extractive.runbooks import rank_runbooks, steps
from mendwheel.investigation import conclude
from mendwheel.investigation.case import Case, Conclusion, Exhibit, Finding

MAX_STEPS = 8


def as_case(brief: Brief) -> Case:
    """The anomaly as the code that establishes facts sees it."""
    exhibits = [
        Exhibit(id=item.id, name=item.title, kind=item.media or "tool_output", text=item.text)
        for item in brief.evidence
        if item.kind is EvidenceKind.EXHIBIT
    ]
    return Case(
        title=brief.report.title,
        body="\n".join([brief.report.body, *brief.information]),
        exhibits=exhibits,
        components=brief.report.candidates.get("services", []),
        faults=brief.report.candidates.get("types", []),
    )


def investigate(brief: Brief, thresholds: Thresholds) -> Cause:
    """The best supported reading of the facts; what is too weak is said as `unknown`."""
    findings = [_finding(brief, number) for number in range(len(brief.facts))]
    conclusion = conclude(as_case(brief), findings)
    runbooks = rank_runbooks(brief)
    if conclusion.healthy:
        return _cause(brief, conclusion, Stance.NO_ACTION, runbooks)
    if conclusion.suspects and conclusion.confidence >= thresholds.cause:
        return _cause(brief, conclusion, Stance.CAUSE, runbooks)
    if runbooks and runbooks[0][1] >= thresholds.runbook:
        return Cause(
            stance=Stance.RUNBOOK,
            claims=_runbook_claims(brief, runbooks),
            confidence=runbooks[0][1],
        )
    stance = Stance.CAUSE if conclusion.suspects else Stance.UNKNOWN
    return _cause(brief, conclusion, stance, runbooks)


def _finding(brief: Brief, number: int) -> Finding:
    fact = brief.facts[number]
    return Finding(
        statement=fact.statement,
        exhibit_ids=fact.exhibit_ids,
        quote=fact.quote,
        component=fact.component,
        fault=fact.fault,
        weight=fact.weight,
        sense=fact.sense,
    )


def _cause(
    brief: Brief, conclusion: Conclusion, stance: Stance, runbooks: list[tuple[str, float]]
) -> Cause:
    best = conclusion.suspects[0] if conclusion.suspects else None
    numbers = best.findings if best and best.findings else range(len(brief.facts))
    cited = [brief.facts[number] for number in numbers]
    ids = [fact.evidence_id for fact in cited][:6]
    ids += list(dict.fromkeys(x for fact in cited for x in fact.exhibit_ids))[:2]
    claims = []
    if conclusion.summary.strip() and ids:
        claims.append(CitedClaim(text=conclusion.summary[:1200], evidence_ids=ids[:8]))
    if stance is Stance.CAUSE:
        claims += _runbook_claims(brief, runbooks)[:1]
    return Cause(
        stance=stance,
        component=best.component if best and stance is not Stance.NO_ACTION else None,
        fault=best.fault if best else None,
        claims=claims,
        confidence=max(0.0, min(1.0, conclusion.confidence)),
    )


def _runbook_claims(brief: Brief, runbooks: list[tuple[str, float]]) -> list[CitedClaim]:
    """What the best runbooks say to do, in their own words."""
    claims: list[CitedClaim] = []
    for source, _ in runbooks[:3]:
        passages = [
            item
            for item in brief.evidence
            if item.source == source and item.kind is EvidenceKind.RUNBOOK
        ]
        if passages:
            text = f"{passages[0].title}: {_instructions(passages)}"
            ids = [item.id for item in passages][:3]
            claims.append(CitedClaim(text=text[:600], evidence_ids=ids))
    return claims


def _instructions(passages: list[Evidence]) -> str:
    for item in passages:
        found = steps(item.text)
        if found:
            return " ".join(f"{n}. {text}" for n, text in enumerate(found[:MAX_STEPS], 1))
    return passages[0].text[:400]
