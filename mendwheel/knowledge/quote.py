"""Picks the parts of passages that answer a question, word for word and within a budget."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mendwheel.knowledge.terms import terms
from mendwheel.knowledge.units import units

POWER = 1.5
"""Over 1: a unit that holds many of the terms beats several that hold one each."""
HEADING = 0.15
"""What a term in the heading above a unit is worth, against one in the unit itself."""
LONGEST = 1_100
"""Characters of one quote; a unit longer than its budget is cut at a line or word end."""


@dataclass(frozen=True)
class Source:
    """A passage that may be quoted."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True)
class Quote:
    """Units that stand together in one source; `best` is the most telling one of them."""

    source: str
    text: str
    best: str
    score: float


@dataclass(frozen=True)
class _Unit:
    text: str
    terms: frozenset[str]


def quotes(
    asked: Mapping[str, float], sources: Sequence[Source], budgets: Sequence[int]
) -> list[Quote]:
    """The best window of each source, the n-th within `budgets[n]` characters.

    `asked` holds the question's terms and how much each matters.
    """
    cut = [
        [_Unit(text, frozenset(terms(text))) for text in units(source.text)] for source in sources
    ]
    weights = _weights(asked, [unit for each in cut for unit in each])
    chosen: list[Quote] = []
    for source, parts, budget in zip(sources, cut, budgets, strict=False):
        above = set(terms(source.heading))
        lift = HEADING * sum(weight for term, weight in weights.items() if term in above)
        scores = [
            (sum(weight for term, weight in weights.items() if term in unit.terms) + lift) ** POWER
            for unit in parts
        ]
        if quote := _window(source.id, parts, scores, min(budget, LONGEST)):
            chosen.append(quote)
    return chosen


def _weights(asked: Mapping[str, float], everything: Sequence[_Unit]) -> dict[str, float]:
    """A term that every unit has tells none apart."""
    found = Counter(term for unit in everything for term in unit.terms if term in asked)
    total = len(everything)
    return {
        term: weight * math.log(1 + (total + 1) / (found[term] + 0.5))
        for term, weight in asked.items()
    }


def _window(
    source: str, parts: Sequence[_Unit], scores: Sequence[float], budget: int
) -> Quote | None:
    best: tuple[float, int, int] | None = None
    for start in range(len(parts)):
        size, total = 0, 0.0
        for end in range(start, len(parts)):
            size += len(parts[end].text) + 1
            if size > budget and end > start:
                break
            total += scores[end]
            if best is None or total > best[0]:
                best = (total, start, end)
    if best is None:
        return None
    total, start, end = best
    text = "\n".join(part.text for part in parts[start : end + 1])
    strongest = max(range(start, end + 1), key=lambda at: (scores[at], -at))
    return Quote(source, _trimmed(text, budget), parts[strongest].text, total)


def _trimmed(text: str, budget: int) -> str:
    if len(text) <= budget:
        return text
    cut = text[:budget]
    for end in ("\n", " "):
        if cut.rfind(end) > budget // 2:
            return cut[: cut.rfind(end)].rstrip()
    return cut
