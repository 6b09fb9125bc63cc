"""How likely quotes answer a question: a logistic fit on labelled tickets, with few features.

It was fitted on searches by words alone and on searches by words and meaning together, so that it
holds with and without an embedder.
"""

import math
from collections.abc import Sequence, Set

from mendwheel.domain.evidence import Evidence, EvidenceKind, by_words
from mendwheel.knowledge.quote import Found
from mendwheel.knowledge.rank import HALF, WORDS
from mendwheel.knowledge.terms import terms

RIVAL, NEAR_RIVAL = 0.7, 0.92
"""Share of the best passage's score, and of its place by meaning, from which another document
matched nearly as well. Cosines lie closer together than scores.
"""
USUAL_SCORE = 4.0
"""Stands in for the score of a passage that came without one."""
TOP = 3
"""Passages that should hold what was asked."""

USUAL_NEARNESS = 0.66
"""The cosine of the first passage that speaks neither for nor against it; what is not compared by
meaning counts as that near.
"""

BIAS = -2.89
SCORE, COVERED, QUOTED, RIVALS, OWN_CASE, NEARNESS = 0.68, 1.52, 1.03, -0.25, -1.45, 2.0
WORTH = (SCORE, COVERED, QUOTED, RIVALS, OWN_CASE, NEARNESS)
"""What each of the `features` is worth, in log odds."""
GOES_ON = 0.3
"""Log odds more for a conversation that was searched by meaning. Not fitted with the others: among
the answers near the bar those to conversations were right more often than their chance said.
"""


def confidence(
    questions: Sequence[Set[str]],
    found: Sequence[Evidence],
    picked: Found,
    *,
    own_case: bool,
    goes_on: bool,
) -> float:
    """0..1. `questions` are given as their terms, `found` best first and not empty.

    `own_case`: who asks wants yes or no about a case of their own, which documents rarely decide.
    `goes_on`: they go on with a conversation.
    """
    if not any(questions):
        return 0.0
    weighed = zip(WORTH, features(questions, found, picked, own_case), strict=True)
    value = BIAS + sum(worth * feature for worth, feature in weighed) + shift(found, goes_on)
    return round(1 / (1 + math.exp(-value)), 3)


def features(
    questions: Sequence[Set[str]], found: Sequence[Evidence], picked: Found, own_case: bool
) -> tuple[float, ...]:
    """How well the best passage matched in words, how much of the question the first passages and
    the first quote hold, how many other documents matched nearly as well, `own_case`, and how near
    in meaning the first passage is.
    """
    passages = [item for item in found if item.kind is EvidenceKind.PASSAGE]
    highest = max((item.score for item in passages), default=0.0) or USUAL_SCORE
    top = [found[0], *passages[:TOP]]  # the first may be a past case of the same question
    read = " ".join(f"{item.title} {item.text}" for item in top)
    first = picked.quotes[0].text if picked.quotes else ""
    near = next((item.cosine for item in passages[:1] if item.cosine is not None), USUAL_NEARNESS)
    return (
        math.log(0.1 + highest),
        held(questions, read),
        held(questions, first),
        _rivals(passages),
        own_case,
        near - USUAL_NEARNESS,
    )


def shift(found: Sequence[Evidence], goes_on: bool) -> float:
    """Log odds beside the `features`."""
    return GOES_ON if goes_on and not by_words(found) else 0.0


def held(questions: Sequence[Set[str]], text: str) -> float:
    """The largest share (0..1) of one question's terms that stand in `text`."""
    there = set(terms(text))
    return max((len(asked & there) / len(asked) for asked in questions if asked), default=0.0)


def _rivals(passages: Sequence[Evidence]) -> int:
    """How many documents matched nearly as well as the best one."""
    cosines = [item.cosine for item in passages if item.cosine is not None]
    best: dict[str, float] = {}
    for item in passages:
        place = item.score
        if cosines:
            near = min(cosines) if item.cosine is None else item.cosine
            place = near + WORDS * item.score / (item.score + HALF)
        best[item.source] = max(best.get(item.source, 0.0), place)
    bar = (NEAR_RIVAL if cosines else RIVAL) * max(best.values(), default=0.0)
    return max(0, sum(place >= bar > 0 for place in best.values()) - 1)
