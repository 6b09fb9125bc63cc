"""Picks the points that answer a question, word for word and within a budget.

Parts are taken one after the other, each time the one that says most for its length of what has
not been said: so the space of an answer goes to what is new. What saying a term is worth depends on
who asks. A question asked by itself names its subject, and the part about it counts. One in a
conversation names little ("How can I apply?"): there a term is worth how likely an answer says it.
"""

import math
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
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
JOINED, STRETCH = 1.5, 2.0
"""Factor for a part that goes on where a chosen one ends, or ends where it begins; the same in a
conversation, where an answer is long enough for whole stretches.
"""
TELLING = 3
"""Parts that tell how much a whole passage is about the question."""
FOUND = 0.5
"""What a passage weighs that was found and tells nothing, as a share of what the most telling one
has more: a single word of the question may stand in one passage by chance.
"""
RARELY, SPOKEN_OF, NAMED, BESIDE = -4.3, 4.1, 1.8, 1.9
"""Log odds that an answer in a conversation says a term: to begin with; where all that was found
speaks of it; where the question names it; where it stands in the part most about the question. A
fit on labelled conversations.
"""
ABOUT = 0.1
"""Power of a part's relevance in a conversation."""
FEWEST = 2
"""Terms of a part; one with fewer is a label."""
MOST = 5
"""Quotes of one answer."""
LONGEST = 1_000
"""Characters of one quote: a second source guards against a wrong first one."""


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
    joined: float = JOINED
    said: set[str] = field(default_factory=set)
    places: set[tuple[int, int]] = field(default_factory=set)

    def gain(self, part: _Part) -> float:
        """What `part` would add, for each character of it."""
        new = math.fsum(
            self.worth[term] * (REPEATED if term in self.said else 1.0) for term in part.terms
        )
        at, place = part.source, part.place
        joined = (at, place - 1) in self.places or (at, place + 1) in self.places
        return new * part.relevance * (self.joined if joined else 1.0) / (len(part.text) + LABEL)

    def take(self, part: _Part) -> None:
        self.said |= part.terms
        self.places.add((part.source, part.place))


def cover(
    questions: Sequence[Set[str]], sources: Sequence[Source], budget: int, *, goes_on: bool = False
) -> Found:
    """The best points in `sources` for `questions`, each given as its terms.

    Together they have at most `budget` characters, line ends between them included. `goes_on`: the
    questions go on with a conversation.
    """
    asked = frozenset().union(*questions)
    parts = _parts(asked, sources)
    worth = (_likely if goes_on else _worth)(asked, sources, parts)
    choice = _Choice(worth, STRETCH if goes_on else JOINED)
    if goes_on:  # most of how much a part is about the question has entered its terms' worth
        parts = [replace(part, relevance=part.relevance**ABOUT) for part in parts]
    closest = max(parts, key=lambda part: part.asked, default=None)
    shares = [len(each & part.terms) / len(each) for each in questions if each for part in parts]
    return Found(
        _quoted(choice, parts, sources, budget),
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
    whole = math.fsum(weight.values()) or 1.0

    def share(found: Set[str]) -> float:
        return math.fsum(weight[term] for term in asked & found) / whole

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
    """What saying each term is worth to who asks by itself."""
    spoken = _spoken([source.standing for source in sources], parts)
    return {term: share + ASKED * (term in asked) for term, share in spoken.items()}


def _likely(asked: Set[str], sources: Sequence[Source], parts: Sequence[_Part]) -> dict[str, float]:
    """How likely (0..1) an answer says each term."""
    best = max((part.relevance for part in parts), default=0.0) or 1.0
    beside: dict[str, float] = {}
    for part in parts:
        for term in part.terms:
            beside[term] = max(beside.get(term, 0.0), part.relevance / best)
    odds = {
        term: RARELY + SPOKEN_OF * spoken + NAMED * (term in asked) + BESIDE * beside[term]
        for term, spoken in _spoken(_about(parts, len(sources)), parts).items()
    }
    return {term: 1 / (1 + math.exp(-value)) for term, value in odds.items()}


def _about(parts: Sequence[_Part], passages: int) -> list[float]:
    """How much each passage is about the question, by the parts of it that are so most."""
    relevances: list[list[float]] = [[] for _ in range(passages)]
    for part in parts:
        relevances[part.source].append(part.relevance)
    telling = [sum(sorted(each)[-TELLING:]) for each in relevances]
    most = max(telling, default=0.0) or 1.0
    return [FOUND + each / most for each in telling]


def _spoken(weights: Sequence[float], parts: Sequence[_Part]) -> dict[str, float]:
    """The share (0..1) of the `weights` of all passages that those have which hold a term."""
    holding = {(term, part.source) for part in parts for term in part.terms}
    whole = sum(weights) or 1.0
    spoken: dict[str, float] = dict.fromkeys((term for term, _ in holding), 0.0)
    for term, at in sorted(holding):
        spoken[term] += weights[at] / whole
    return spoken


def _quoted(
    choice: _Choice, parts: Sequence[_Part], sources: Sequence[Source], budget: int
) -> list[Quote]:
    """Quotes of at most `MOST` sources, the one that was chosen first before the others."""
    chosen: dict[int, list[_Part]] = {}
    texts: set[str] = set()
    left, room = budget, dict.fromkeys(range(len(sources)), LONGEST)
    while True:
        fitting = [
            part
            for part in parts
            if len(part.terms) >= FEWEST
            and len(part.text) + 2 <= min(left, room[part.source])
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
        room[best.source] -= len(best.text) + 2
    if not chosen and parts:
        return [_cut(max(parts, key=choice.gain), sources, min(budget, LONGEST))]
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
