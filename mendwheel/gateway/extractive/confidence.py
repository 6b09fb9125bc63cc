"""How likely quotes answer a question: a logistic fit on labelled tickets, few features each."""

import math
from collections.abc import Sequence, Set

from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.knowledge.quote import Found
from mendwheel.knowledge.terms import terms

RIVAL = 0.7
"""Share of the best score from which another document matched nearly as well."""
USUAL_SCORE = 4.0
"""Stands in for the score of a passage that came without one."""


def confidence(questions: Sequence[Set[str]], found: Sequence[Evidence], picked: Found) -> float:
    """0..1. `questions` are given as their terms, `found` best first and not empty.

    It looks at how well the best passage matched, how much of the question one sentence and the
    first passage hold, whether the first passage was worth quoting, and how many other documents
    matched nearly as well.
    """
    if not any(questions):
        return 0.0
    best: dict[str, float] = {}
    for item in found:
        if item.kind is EvidenceKind.PASSAGE and item.score:
            best[item.source] = max(best.get(item.source, 0.0), item.score)
    highest = max(best.values(), default=USUAL_SCORE)
    rivals = sum(score >= RIVAL * highest for score in best.values()) - 1
    quoted = any(quote.source == found[0].id for quote in picked.quotes)
    value = (
        -3.50
        + 0.70 * math.log(0.1 + highest)
        + 1.00 * picked.share
        + 1.24 * held(questions, f"{found[0].title} {found[0].text}")
        + 0.43 * quoted
        - 0.13 * max(0, rivals)
    )
    return round(1 / (1 + math.exp(-value)), 3)


def held(questions: Sequence[Set[str]], text: str) -> float:
    """The largest share (0..1) of one question's terms that stand in `text`."""
    there = set(terms(text))
    return max((len(asked & there) / len(asked) for asked in questions if asked), default=0.0)
