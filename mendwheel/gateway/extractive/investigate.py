"""Name the cause from established facts, or the runbook that fits, or nothing."""

from mendwheel.agents.agent import Brief, Fact
from mendwheel.agents.outputs import MAX_CLAIMS, Cause, CitedClaim
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
    findings = [_finding(fact) for fact in brief.facts]
    conclusion = conclude(as_case(brief), findings)
    runbooks = [found for found in rank_runbooks(brief) if found[1] >= thresholds.runbook]
    if conclusion.healthy:
        return _cause(brief, conclusion, Stance.NO_ACTION, [])
    if conclusion.suspects and (not _alert_only(brief) or not runbooks):
        return _cause(brief, conclusion, Stance.CAUSE, runbooks)
    if runbooks:
        return Cause(
            stance=Stance.RUNBOOK,
            claims=_runbook_claims(brief, runbooks),
            confidence=runbooks[0][1],
        )
    return _cause(brief, conclusion, Stance.UNKNOWN, runbooks)


def _alert_only(brief: Brief) -> bool:
    """An alert names its runbook rather than its cause; recorded evidence shows the cause."""
    exhibits = [item for item in brief.evidence if item.kind is EvidenceKind.EXHIBIT]
    return all(item.media == "alert" for item in exhibits)


def _finding(fact: Fact) -> Finding:
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
    claims = _fact_claims(brief, conclusion.summary)
    if stance is Stance.CAUSE:
        claims += _runbook_claims(brief, runbooks)[:1]
    return Cause(
        stance=stance,
        component=best.component if best and stance is not Stance.NO_ACTION else None,
        fault=best.fault if best else None,
        claims=claims,
        confidence=max(0.0, min(1.0, conclusion.confidence)),
    )


def _fact_claims(brief: Brief, summary: str) -> list[CitedClaim]:
    """The summary as claims, each with the fact it states; its lead goes with the first of them."""
    told = [
        (at, fact) for fact in brief.facts if (at := summary.find(fact.statement.rstrip(". "))) >= 0
    ]
    claims: list[CitedClaim] = []
    seen: set[str] = set()
    for at, fact in sorted(told, key=lambda found: found[0]):
        statement = fact.statement.rstrip(". ") + "."
        if statement in seen or len(claims) == MAX_CLAIMS - 1:
            continue
        seen.add(statement)
        text = statement if claims else f"{summary[:at]}{statement}"
        claims.append(
            CitedClaim(text=text[:1200], evidence_ids=[fact.evidence_id, *fact.exhibit_ids][:8])
        )
    return claims


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
