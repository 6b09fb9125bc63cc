"""Which runbook an alert calls for, and the steps a runbook names."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Cause, CitedClaim
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.gateway.extractive.fitting import Alert, Match, match, name_of, share, title_of
from mendwheel.knowledge.terms import terms

NAMED = 1.5
"""What it adds to a runbook's standing when an alert label names it."""
TITLE = 0.3
"""What it adds when the report's words cover all of the runbook's title."""
HEADLINE = 0.5
"""What it adds when the runbook's title covers all words of the report's own title."""
NAMEABLE = 0.5
"""Share of the bar from which a runbook is named to whoever the ticket is handed to."""
TITLE_LIMIT = 70

_NUMBERED = re.compile(r"^(\s*)\d{1,3}[.)]\s+(\S.*)$")
_BULLET = re.compile(r"^(\s*)[-*+•]\s+(\S.*)$")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_STEP_HEADING = re.compile(r"^(?:step\s+)?\d+\s*[.:)–-]\s*\S|^step\s+\d+", re.IGNORECASE)
_DOING = re.compile(
    r"\b(?:mitigat|resol|remed|fix|solution|steps?|procedure|recover|what to do|action|repair)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*(```|~~~)")


def rank_runbooks(brief: Brief) -> list[tuple[str, float]]:
    """Runbook document ids, best first, each with the confidence (0..1) that it is right."""
    return [(document, found.confidence) for document, found in matches(brief)]


def matches(brief: Brief) -> list[tuple[str, Match]]:
    """Runbook document ids, best first, each with what speaks for it.

    Rests on the search's scores, on alert labels that name a runbook, and on how much of a
    runbook's name the alert's words contain, and the other way round.
    """
    found = _by_document(brief.evidence)
    highest = max((item.score for items in found.values() for item in items), default=0.0) or 1.0
    report = brief.report
    alert = Alert(set(terms(f"{report.title}\n{report.body}")), set(terms(report.title)))
    labels = {"".join(terms(value)) for value in _label_values(brief.evidence)} - {""}
    named = {
        document
        for document, items in found.items()
        if "".join(terms(title_of(items[0]))) in labels
    }
    standing = {
        document: max(_standing(alert, item, highest) for item in items)
        + NAMED * (document in named)
        for document, items in found.items()
    }
    leads = _leads(standing, {document: title_of(items[0]) for document, items in found.items()})
    return [
        (document, match(alert, found[document], leads[document], named=document in named))
        for document in sorted(standing, key=lambda document: -standing[document])
    ]


def perhaps(
    said: Cause, evidence: Sequence[Evidence], ranked: Sequence[tuple[str, float]], bar: float
) -> Cause:
    """What is handed over, with the name of a runbook that may fit and is too weak to be said."""
    if not ranked or ranked[0][1] < NAMEABLE * bar:
        return said
    document, sure = ranked[0]
    passages = _by_document(evidence)[document]
    ids = [item.id for item in passages][:3]
    claim = CitedClaim(text=f"Perhaps: {title_of(passages[0])[:TITLE_LIMIT]}", evidence_ids=ids)
    return said.model_copy(
        update={"claims": [*said.claims, claim], "confidence": max(said.confidence, sure)}
    )


def _by_document(evidence: Sequence[Evidence]) -> dict[str, list[Evidence]]:
    found: dict[str, list[Evidence]] = {}
    for item in evidence:
        if item.kind is EvidenceKind.RUNBOOK:
            found.setdefault(item.source, []).append(item)
    return found


def _standing(alert: Alert, item: Evidence, highest: float) -> float:
    name = name_of(item)
    value = item.score / highest + TITLE * len(name & alert.said) / max(1, len(name))
    return value + HEADLINE * share(alert.headline, name)


def _leads(standing: Mapping[str, float], titles: Mapping[str, str]) -> dict[str, float | None]:
    """How far each is ahead of the best other one; None where there is no other.

    Another collection's runbook of the same name is no rival.
    """
    leads: dict[str, float | None] = {}
    for document, own in standing.items():
        others = [value for other, value in standing.items() if titles[other] != titles[document]]
        leads[document] = own - max(others) if others else None
    return leads


def _label_values(evidence: list[Evidence]) -> Iterator[str]:
    """The values of alert labels among the exhibits: one of them may be the alert's own name."""
    for item in evidence:
        if item.kind is EvidenceKind.EXHIBIT and item.media == "alert":
            try:
                labels = json.loads(item.text)
            except json.JSONDecodeError:
                continue  # not labels: the alert's text speaks for itself
            if isinstance(labels, dict):
                yield from (value for value in labels.values() if isinstance(value, str))


def steps(text: str) -> list[str]:
    """The steps of a runbook in order: numbered items, else numbered headings, else the list under
    a heading that says what to do. A step keeps the lines and code that belong to it.
    """
    lines = text.split("\n")
    return (
        _items(lines, _NUMBERED, everywhere=True)
        or _headed(lines)
        or _items(lines, _BULLET, everywhere=False)
    )


def _items(lines: list[str], pattern: re.Pattern[str], *, everywhere: bool) -> list[str]:
    """List items of the outermost level; deeper ones belong to the step above them."""
    found: list[list[str]] = []
    fenced, doing, inside, blank, depth = False, everywhere, False, False, 0
    for line in lines:
        heading, item = _HEADING.match(line), pattern.match(line)
        if fenced or _FENCE.match(line):
            fenced ^= bool(_FENCE.match(line))
            if inside:
                found[-1].append(line)
        elif heading:
            inside, doing = False, everywhere or bool(_DOING.search(heading.group(1)))
        elif item and doing and not (inside and len(item.group(1)) > depth):
            found.append([item.group(2)])
            inside, depth = True, len(item.group(1))
        elif line.strip() and inside:
            # After a blank line only what is indented still belongs to the step.
            inside = line.startswith((" ", "\t")) or not blank
            if inside:
                found[-1].append(line.strip())
        blank = not line.strip()
    return ["\n".join(step).strip() for step in found]


def _headed(lines: list[str]) -> list[str]:
    """Sections whose headings are numbered: "Step 2: restart", "3. Verify"."""
    found: list[list[str]] = []
    inside = False
    for line in lines:
        if heading := _HEADING.match(line):
            inside = bool(_STEP_HEADING.match(heading.group(1)))
            if inside:
                found.append([heading.group(1)])
        elif inside and line.strip():
            found[-1].append(line.rstrip())
    return ["\n".join(step) for step in found]
