"""Which runbook an alert calls for, and the steps a runbook names."""

import json
import math
import re
from collections.abc import Iterator

from mendwheel.agents.agent import Brief
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.knowledge.terms import terms

NAMED = 1.5
"""What it adds to a runbook's standing when an alert label names it."""
TITLE = 0.3
"""What it adds when the report's words cover all of the runbook's title."""
HEADLINE = 0.5
"""What it adds when the runbook's title covers all words of the report's own title."""

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
    """Runbook document ids, best first, each with the confidence (0..1) that it is the right one.

    Rests on the search's scores, on alert labels that name a runbook, and on how much of a
    runbook's name the alert's words contain, and the other way round.
    """
    found = [item for item in brief.evidence if item.kind is EvidenceKind.RUNBOOK]
    if not found:
        return []
    highest = max(item.score for item in found) or 1.0
    said = set(terms(f"{brief.report.title}\n{brief.report.body}"))
    headline = set(terms(brief.report.title))
    named = {"".join(terms(value)) for value in _label_values(brief.evidence)} - {""}
    standing: dict[str, float] = {}
    for item in found:
        title = item.title.split(" › ")[0]
        words = set(terms(title)) - {title.lower()}
        value = item.score / highest + TITLE * len(words & said) / max(1, len(words))
        value += HEADLINE * sum(_near(word, words) for word in headline) / max(1, len(headline))
        value += NAMED * ("".join(terms(title)) in named)
        standing[item.source] = max(standing.get(item.source, 0.0), value)
    order = sorted(standing, key=lambda document: -standing[document])
    covered = {item.source: _coverage(item, said) for item in reversed(found)}
    names = {item.source: item.title.split(" › ")[0] for item in found}
    return [
        (document, _confidence(standing, names, document, covered[document])) for document in order
    ]


def _near(word: str, words: set[str]) -> bool:
    """Whether `words` hold the word, or one that begins it or that it begins."""
    if word in words:
        return True
    return len(word) >= 4 and any(
        len(each) >= 4 and (each.startswith(word) or word.startswith(each)) for each in words
    )


def _confidence(
    standing: dict[str, float], names: dict[str, str], document: str, covered: float
) -> float:
    """A logistic fit: how much of the alert the runbook covers, how far it is ahead of the rest.

    Another collection's runbook of the same name is no rival.
    """
    others = (value for other, value in standing.items() if names[other] != names[document])
    rival = max(others, default=0.0)
    lead = max(-1.0, min(1.0, standing[document] - rival))
    return round(1 / (1 + math.exp(-(-0.5 + 2.0 * covered + 4.0 * lead))), 3)


def _coverage(item: Evidence, said: set[str]) -> float:
    if item.confidence is not None:
        return item.confidence
    return len(said & set(terms(f"{item.title} {item.text}"))) / max(1, len(said))


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
