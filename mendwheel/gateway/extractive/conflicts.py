"""Finds two sources that say different things about what was asked.

Careful on purpose: most passages that share words speak of different things. Two sentences
disagree only when they are about the same subject and give it different values of one kind, or
when one denies what the other says.
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from mendwheel.domain.evidence import Evidence
from mendwheel.knowledge.polarity import sentences
from mendwheel.knowledge.terms import terms
from mendwheel.knowledge.units import plain, units

LOOKED_AT = 5
"""Passages, as they were ranked, that are compared with each other."""
ABOUT = 0.6
"""Share of the question's terms that each of the two sentences must hold."""
SHARED = 0.6
"""Share of the shorter sentence's terms that stand in the other one too."""
SAME = 0.7
"""Share of all their terms that stand in both, where one denies the other: there is no number to
tell that they mean one thing."""
FEWEST, LONGEST = 3, 300
"""Terms and characters of a sentence; what is shorter is a heading, what is longer says a lot."""

_QUANTITY = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s*(%|[A-Za-z]+)?(?:[ -]([A-Za-z]+))?")
_DENIAL = re.compile(
    r"\b(?:not|cannot|no longer|never|unsupported|unavailable|impossible|\w+n['’]t)\b",
    re.IGNORECASE,
)
_NO_SENTENCE = re.compile(r"[#|]|```|~~~|>>>|.*[:,;]$|.*\bmore information\b", re.I)
_KINDS = {
    "time": {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0},
    "size": {"kb": 1.0, "mb": 1e3, "gb": 1e6, "tb": 1e9},
}
_UNIT_TERMS = frozenset(term for names in _KINDS.values() for name in names for term in terms(name))


@dataclass(frozen=True)
class Disagreement:
    """Two sentences, verbatim, and the evidence each was taken from."""

    one: str
    other: str
    ids: tuple[str, str]


@dataclass(frozen=True)
class _Sentence:
    text: str
    item: Evidence
    subject: frozenset[str]  # what it is about: its terms without numbers
    values: dict[str, float]  # kind of unit → the only value of that kind
    denied: bool
    whole: bool  # it ends as a sentence does


def disagreement(question: str, passages: Sequence[Evidence]) -> Disagreement | None:
    """The first two of the best passages that contradict each other about `question`."""
    asked = _subject(question)
    if not asked:
        return None
    said = [list(_sentences(item)) for item in passages[:LOOKED_AT]]
    for ones, others in combinations(said, 2):
        for one in ones:
            for other in others:
                if one.item.source != other.item.source and _contradict(one, other, asked):
                    return Disagreement(one.text, other.text, (one.item.id, other.item.id))
    return None


def _contradict(one: _Sentence, other: _Sentence, asked: Set[str]) -> bool:
    if min(_share(asked, one), _share(asked, other)) < ABOUT:
        return False
    both = len(one.subject & other.subject)
    # A word that only one of them has may name another subject ("standard", "premium"), unless
    # the question is about it. One that only adds such words is the same statement, more exact.
    apart = [each - asked for each in (one.subject - other.subject, other.subject - one.subject)]
    if both / min(len(one.subject), len(other.subject)) < SHARED or all(apart):
        return False
    if one.denied != other.denied:
        if not (one.whole and other.whole):
            return False
        return both / len(one.subject | other.subject) >= SAME
    kinds = one.values.keys() & other.values.keys()
    return any(one.values[kind] != other.values[kind] for kind in kinds)


def _share(asked: Set[str], sentence: _Sentence) -> float:
    return len(asked & sentence.subject) / len(asked)


def _sentences(item: Evidence) -> Iterator[_Sentence]:
    for unit in units(item.text):
        for said in sentences(plain(unit)):
            text = " ".join(said.split())
            if len(text) > LONGEST or text.endswith("?") or _NO_SENTENCE.match(text):
                continue
            denials = len(_DENIAL.findall(text))
            if denials > 1:
                continue
            subject = _subject(_DENIAL.sub(" ", text))
            if len(subject) < FEWEST:
                continue
            whole = text.rstrip("\"'”)*_`").endswith((".", "!"))
            yield _Sentence(text, item, subject, _values(text), denials == 1, whole)


def _subject(text: str) -> frozenset[str]:
    return frozenset(
        term for term in terms(text) if not term[0].isdigit() and term not in _UNIT_TERMS
    )


def _values(text: str) -> dict[str, float]:
    """The value of each kind of unit that has one value only; times in seconds, sizes in kB."""
    found: dict[str, list[float]] = {}
    for number, unit, next_word in _QUANTITY.findall(text):
        kind, factor = _kind(unit.lower(), next_word.lower())
        if kind:
            found.setdefault(kind, []).append(float(number.replace(",", "")) * factor)
    return {kind: values[0] for kind, values in found.items() if len(values) == 1}


def _kind(unit: str, next_word: str) -> tuple[str, float]:
    for word in (unit, next_word):
        for kind, factors in _KINDS.items():
            factor = factors.get(word) or factors.get(word.removesuffix("s"))
            if factor:
                return kind, factor
    return unit.removesuffix("s"), 1.0
