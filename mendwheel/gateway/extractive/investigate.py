"""Name the cause from established facts, or the runbook that fits, or nothing."""

from mendwheel.agents.agent import Brief, Fact
from mendwheel.agents.outputs import MAX_CLAIMS, Cause, CitedClaim
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.playbook import Thresholds
from mendwheel.gateway.extractive.past import beside, nearest_past
from mendwheel.gateway.extractive.runbooks import TITLE_LIMIT, perhaps, rank_runbooks, steps
from mendwheel.investigation import conclude
from mendwheel.investigation.case import Case, Conclusion, Exhibit, Finding, Suspect
from mendwheel.investigation.telling import shortened
from mendwheel.knowledge.terms import terms

MAX_STEPS = 8
ANSWER_LIMIT = 600
"""Characters of a whole answer: what people read in one go."""
SHARED = 0.6
"""Share of a runbook's name that ticket and cause must hold for it to stand beside the cause."""


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
    findings = [as_finding(fact) for fact in brief.facts]
    conclusion = conclude(as_case(brief), findings)
    ranked = rank_runbooks(brief)
    runbooks = [found for found in ranked if found[1] >= thresholds.runbook]
    if conclusion.healthy:
        said = _cause(brief, conclusion, Stance.NO_ACTION, [])
    elif conclusion.suspects and (not _alert_only(brief) or not runbooks):
        said = _cause(brief, conclusion, Stance.CAUSE, ranked)
    elif runbooks:
        claims = _runbook_claims(brief, runbooks)
        said = Cause(stance=Stance.RUNBOOK, claims=claims, confidence=runbooks[0][1])
    else:
        said = _cause(brief, conclusion, Stance.UNKNOWN, [])
        said = perhaps(said, brief.evidence, ranked, thresholds.runbook)
    return beside(said, nearest_past(brief, thresholds.duplicate), thresholds)


def _alert_only(brief: Brief) -> bool:
    """An alert names its runbook rather than its cause; recorded evidence shows the cause."""
    exhibits = [item for item in brief.evidence if item.kind is EvidenceKind.EXHIBIT]
    return all(item.media == "alert" for item in exhibits)


def as_finding(fact: Fact) -> Finding:
    """A fact as the code that weighs facts sees it."""
    return Finding(
        statement=fact.statement,
        exhibit_ids=fact.exhibit_ids,
        quote=fact.quote,
        component=fact.component,
        fault=fact.fault,
        weight=fact.weight,
        sense=fact.sense,
        id=fact.evidence_id,
        against=fact.against,
    )


def _cause(
    brief: Brief, conclusion: Conclusion, stance: Stance, runbooks: list[tuple[str, float]]
) -> Cause:
    best = conclusion.suspects[0] if conclusion.suspects else None
    claims = _fact_claims(brief, conclusion)
    if stance is Stance.CAUSE:
        room = ANSWER_LIMIT - sum(len(claim.text) + 2 for claim in claims)
        about = f"{brief.report.title} {conclusion.summary}"
        fitting = [found for found in runbooks[:3] if _is_about(brief, found[0], best, about)]
        claims += _runbook_claims(brief, fitting[:1], room)
    return Cause(
        stance=stance,
        component=best.component if best and stance is not Stance.NO_ACTION else None,
        fault=best.fault if best else None,
        claims=claims,
        confidence=max(0.0, min(1.0, conclusion.confidence)),
    )


def _fact_claims(brief: Brief, conclusion: Conclusion) -> list[CitedClaim]:
    """The points of the conclusion, each with the fact it tells; its lead goes with the first."""
    claims: list[CitedClaim] = []
    for point in conclusion.told[: MAX_CLAIMS - 1]:
        fact = brief.facts[point.finding]
        text = point.text if claims else f"{conclusion.lead} {point.text}".strip()
        ids = [fact.evidence_id, *fact.exhibit_ids][:8]
        claims.append(CitedClaim(text=text[:1200], evidence_ids=ids))
    return claims


def _is_about(brief: Brief, source: str, best: Suspect | None, text: str) -> bool:
    """Whether a runbook is for the component at fault, or its name for what was found there."""
    said = set(terms(text))
    for item in brief.evidence:
        if item.source == source and item.kind is EvidenceKind.RUNBOOK:
            words = set(terms(item.title.split(" › ")[0]))
            covered = len(words & said) >= SHARED * len(words)
            if covered or (best and item.component and item.component == best.component):
                return True
    return False


def _runbook_claims(
    brief: Brief, runbooks: list[tuple[str, float]], room: int = ANSWER_LIMIT
) -> list[CitedClaim]:
    """What the best runbook says to do, in its own words; the next ones are only named."""
    claims: list[CitedClaim] = []
    for source, _ in runbooks[:3]:
        passages = [
            item
            for item in brief.evidence
            if item.source == source and item.kind is EvidenceKind.RUNBOOK
        ]
        if not passages:
            continue
        title = passages[0].title.split(" › ")[0][:TITLE_LIMIT]
        ids = [item.id for item in passages][:3]
        if claims:
            claims.append(CitedClaim(text=f"Or: {title}", evidence_ids=ids))
        else:
            room -= 2 * TITLE_LIMIT * (len(runbooks) > 1)
            text = shortened(f"{title}: {_instructions(passages)}", max(room, TITLE_LIMIT))
            claims.append(CitedClaim(text=text, evidence_ids=ids))
    return claims


def _instructions(passages: list[Evidence]) -> str:
    for item in passages:
        found = steps(item.text)
        if found:
            return " ".join(f"{n}. {text}" for n, text in enumerate(found[:MAX_STEPS], 1))
    return passages[0].text[:400]
