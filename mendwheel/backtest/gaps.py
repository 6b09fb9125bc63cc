"""Knowledge gaps: what was handed over or answered differently, grouped by what it is about."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import log

from pydantic import BaseModel

from mendwheel.backtest.judge import Judged, Verdict
from mendwheel.knowledge.terms import terms

MOST = 12
PAIR, ALONE = 2, 3
"""Issues that make a topic: of two words that titles share, and of one, which says less."""
_NAMED = 3

Topic = tuple[str, ...]


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
        members = [left.pop(key) for key in sorted(left) if told[key].keys() >= set(topic)]
        found.append(_gap(topic, members, told))
    return sorted(found, key=lambda gap: (-len(gap.issues), gap.words))


def _words(each: Judged) -> dict[str, str]:
    """Term → a word of the title that it stands for."""
    said: dict[str, str] = {}
    for word in each.issue.title.split():
        # Of a compound the whole: its parts would make a topic of one word.
        term = max(terms(word), key=len, default="")
        if len(term) > 1 and not term.isdigit():
            said.setdefault(term, word.strip(".,:;!?()[]'\"`").casefold())
    return said


def _topic(told: dict[str, dict[str, str]], common: Counter[str], total: int) -> Topic | None:
    """The words that these issues share most: rare ones before those that all issues hold."""

    def telling(topic: Topic, count: int) -> float:
        return count * sum(log(1 + total / common[term]) for term in topic)

    for size, least in ((2, PAIR), (1, ALONE)):
        here = Counter(
            topic for words in told.values() for topic in combinations(sorted(words), size)
        )
        shared = {topic: telling(topic, n) for topic, n in here.items() if n >= least}
        if shared:
            return max(shared, key=lambda topic: (shared[topic], topic))
    return None


def _gap(topic: Topic, members: Sequence[Judged], told: dict[str, dict[str, str]]) -> Gap:
    beside = Counter(
        term for each in members for term in told[each.issue.id] if term not in topic
    ).most_common(_NAMED - len(topic))
    terms_ = [*topic, *(term for term, count in beside if count >= PAIR)]
    shown = {term: word for each in members for term, word in told[each.issue.id].items()}
    hours = [each.issue.hours for each in members if each.issue.hours is not None]
    return Gap(
        words=[shown[term] for term in terms_],
        issues=[each.issue.id for each in members],
        hours=round(sum(hours), 1) if hours else None,
    )
