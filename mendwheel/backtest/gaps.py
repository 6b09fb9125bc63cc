"""Knowledge gaps: what was handed over or answered differently, grouped by what it is about."""

from collections import Counter
from collections.abc import Sequence
from math import log

from pydantic import BaseModel

from mendwheel.backtest.judge import Judged, Verdict
from mendwheel.knowledge.terms import terms

MOST = 12
LEAST = 2
"""Issues that make a topic."""
_NAMED = 3


class Gap(BaseModel):
    """A topic that documents or cases say too little about."""

    words: list[str]
    issues: list[str]
    hours: float | None
    """From creation to resolution, summed up; none where none of them says."""


def gaps(judged: Sequence[Judged]) -> list[Gap]:
    """Topics, the most frequent first; issues that share no telling word are none."""
    missing = [each for each in judged if each.verdict in (Verdict.HANDED_OVER, Verdict.DIFFERS)]
    told = {each.issue.id: _words(each) for each in judged}
    common = Counter(word for words in told.values() for word in words)
    left = {each.issue.id: each for each in missing}
    found: list[Gap] = []
    while left and len(found) < MOST:
        topic = _topic({key: told[key] for key in left}, common, len(told))
        if topic is None:
            break
        members = [left.pop(key) for key in sorted(left) if topic in told[key]]
        found.append(_gap(topic, members, told))
    return sorted(found, key=lambda gap: (-len(gap.issues), gap.words))


def _words(each: Judged) -> dict[str, str]:
    """Term → a word of the title that it stands for."""
    said: dict[str, str] = {}
    for word in each.issue.title.split():
        for term in terms(word):
            if len(term) > 1 and not term.isdigit():
                said.setdefault(term, word.strip(".,:;!?()[]'\"`").casefold())
    return said


def _topic(told: dict[str, dict[str, str]], common: Counter[str], total: int) -> str | None:
    """The term that most of these issues share, and that says more than what all issues say."""
    here = Counter(term for words in told.values() for term in words)
    shared = {term: count for term, count in here.items() if count >= LEAST}
    if not shared:
        return None
    return max(shared, key=lambda term: (shared[term] * log(1 + total / common[term]), term))


def _gap(topic: str, members: Sequence[Judged], told: dict[str, dict[str, str]]) -> Gap:
    beside = Counter(
        term for each in members for term in told[each.issue.id] if term != topic
    ).most_common(_NAMED - 1)
    terms_ = [topic, *(term for term, count in beside if count >= LEAST)]
    shown = {term: word for each in members for term, word in told[each.issue.id].items()}
    hours = [each.issue.hours for each in members if each.issue.hours is not None]
    return Gap(
        words=[shown[term] for term in terms_],
        issues=[each.issue.id for each in members],
        hours=round(sum(hours), 1) if hours else None,
    )
