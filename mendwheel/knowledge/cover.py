"""Picks the points that answer a question asked by itself, word for word and within a budget.

Parts are taken one after the other, each time the one that says most for its length of what has
not been said: what all that was found speaks of, in a part about the question or next to one. So
the space of a short answer goes to what is new. `quote` picks whole stretches instead, for who has
read replies already and needs what stands around a point too.
"""

import math
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache

from mendwheel.knowledge.quote import Found, Quote, Source
from mendwheel.knowledge.terms import terms
from mendwheel.knowledge.units import units

ASKED = 0.6
"""What a term of the question is worth, as a share of one that all that was found speaks of."""
REPEATED = 0.15
"""What a term is worth that an earlier part said."""
ANYHOW, NEAR = 0.1, 0.6
"""Relevance of a part that shares nothing with the question; of one that only stands next to a part
that shares all of it.
"""
HEADING = 1.0
"""How much a heading that holds the whole question adds to the worth of what is under it."""
STANDING = 0.5
"""Power of a passage's standing in the worth of its parts."""
LABEL = 25
"""Characters that a part costs besides its own, or lists of links would win by being short."""
JOINED = 1.5
"""Factor for a part that goes on where a chosen one ends, or ends where it begins."""
FEWEST = 2
"""Terms of a part; one with fewer is a label."""
MOST = 5
"""Quotes of one answer."""


@dataclass(frozen=True)
class _Part:
    """One quotable unit: where it stands, and how much it is about the question."""

    source: int
    place: int
    text: str
    terms: frozenset[str]
    asked: float = 0.0
    relevance: float = 0.0


@dataclass
class _Choice:
    """What was chosen so far: the terms it holds and where it stands."""

    worth: dict[str, float]
    said: set[str] = field(default_factory=set)
    places: set[tuple[int, int]] = field(default_factory=set)

    def gain(self, part: _Part) -> float:
        """What `part` would add, for each character of it."""
        new = sum(
            self.worth[term] * (REPEATED if term in self.said else 1.0) for term in part.terms
        )
        at, place = part.source, part.place
        joined = (at, place - 1) in self.places or (at, place + 1) in self.places
        return new * part.relevance * (JOINED if joined else 1.0) / (len(part.text) + LABEL)

    def take(self, part: _Part) -> None:
        self.said |= part.terms
        self.places.add((part.source, part.place))


def cover(questions: Sequence[Set[str]], sources: Sequence[Source], budget: int) -> Found:
    """The best points in `sources` for `questions`, each given as its terms.

    Together they have at most `budget` characters, line ends between them included.
    """
    asked = frozenset().union(*questions)
    parts = _parts(asked, sources)
    closest = max(parts, key=lambda part: part.asked, default=None)
    shares = [len(each & part.terms) / len(each) for each in questions if each for part in parts]
    return Found(
        _quoted(_Choice(_worth(asked, sources, parts)), parts, sources, budget),
        Quote(sources[closest.source].id, closest.text) if closest else None,
        max(shares, default=0.0),
    )


@lru_cache(maxsize=2000)
def _units(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Units and their terms. Kept: the same passages come up for many tickets."""
    return tuple((unit, frozenset(terms(unit))) for unit in units(text))


def _parts(asked: Set[str], sources: Sequence[Source]) -> list[_Part]:
    """Every unit of every source. A rare term of the question tells more than a common one."""
    cut = [_units(source.text) for source in sources]
    count = sum(len(each) for each in cut) + 1
    holding = Counter(term for each in cut for _, found in each for term in found)
    weight = {term: math.log(1 + count / (holding[term] + 0.5)) for term in asked}
    whole = sum(weight.values()) or 1.0

    def share(found: Set[str]) -> float:
        return sum(weight[term] for term in asked & found) / whole

    parts: list[_Part] = []
    for at, (source, each) in enumerate(zip(sources, cut, strict=True)):
        base = source.standing**STANDING * (1 + HEADING * share(set(terms(source.heading))))
        shares = [share(found) for _, found in each]
        for place, (text, found) in enumerate(each):
            near = max(shares[max(0, place - 1) : place + 2])
            relevance = base * (ANYHOW + shares[place] + NEAR * near)
            parts.append(_Part(at, place, text, found, shares[place], relevance))
    return parts


def _worth(asked: Set[str], sources: Sequence[Source], parts: Sequence[_Part]) -> dict[str, float]:
    """What saying each term is worth: the share of all standing of the passages that hold it."""
    holding = {(term, part.source) for part in parts for term in part.terms}
    whole = sum(source.standing for source in sources) or 1.0
    worth: dict[str, float] = dict.fromkeys((term for term, _ in holding), 0.0)
    for term, at in sorted(holding):
        worth[term] += sources[at].standing / whole
    return {term: value + ASKED * (term in asked) for term, value in worth.items()}


def _quoted(
    choice: _Choice, parts: Sequence[_Part], sources: Sequence[Source], budget: int
) -> list[Quote]:
    """Quotes of at most `MOST` sources, the one that was chosen first before the others."""
    chosen: dict[int, list[_Part]] = {}
    texts: set[str] = set()
    left = budget
    while True:
        fitting = [
            part
            for part in parts
            if len(part.terms) >= FEWEST
            and len(part.text) + 2 <= left
            and part.text not in texts
            and (part.source in chosen or len(chosen) < MOST)
        ]
        best = max(fitting, key=choice.gain, default=None)
        if best is None or choice.gain(best) <= 0:
            break
        choice.take(best)
        texts.add(best.text)
        chosen.setdefault(best.source, []).append(best)
        left -= len(best.text) + 2
    if not chosen and parts:
        return [_cut(max(parts, key=choice.gain), sources, budget)]
    return [
        Quote(sources[at].id, "\n".join(part.text for part in sorted(each, key=_place)))
        for at, each in chosen.items()
    ]


def _place(part: _Part) -> int:
    return part.place


def _cut(part: _Part, sources: Sequence[Source], budget: int) -> Quote:
    """The beginning of a part that alone is too long, up to a line or word end."""
    text = part.text[:budget]
    for end in ("\n", " "):
        if len(part.text) > budget and text.rfind(end) > budget // 2:
            text = text[: text.rfind(end)].rstrip()
            break
    return Quote(sources[part.source].id, text)
