"""Picks the parts of passages that answer a question, word for word and within a budget.

A part is worth quoting when it holds the question's words, speaks of what all that was found
speaks of, and stands in a passage that ranked well. The weights are a fit on labelled tickets.
"""

import math
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from mendwheel.knowledge.terms import terms
from mendwheel.knowledge.units import units

CENTRAL, ASKED, STANDING, HEADING = 0.3, 0.3, 0.2, 0.11
"""What each feature (all 0..1) is worth."""
BAR = 0.3
"""Standard deviations above the average from which a part is worth its space."""
LONGEST = 0.7
"""Share of the budget that one quote may take: a second source guards against a wrong first one."""
SHORTEST = 150
"""Characters; nothing is added in a space smaller than this."""
MOST = 4
"""Quotes of one answer."""


@dataclass(frozen=True)
class Source:
    """A passage that may be quoted; `standing` is its score, 1 for the best one."""

    id: str
    heading: str
    text: str
    standing: float = 1.0


@dataclass(frozen=True)
class Quote:
    """Parts that stand together in one source."""

    source: str
    text: str


@dataclass
class _Part:
    """One quotable unit and what quoting it is worth."""

    text: str
    terms: frozenset[str]
    asked: float = 0.0
    gain: float = 0.0


@dataclass(frozen=True)
class Found:
    """What was picked. `closest` is the part that holds most of what was asked, quoted or not;
    `share` (0..1) is the most of one question that any part holds.
    """

    quotes: list[Quote]
    closest: Quote | None
    share: float


def pick(questions: Sequence[Set[str]], sources: Sequence[Source], budget: int) -> Found:
    """The best quotes in `sources` for `questions`, each given as its terms.

    Together they have at most `budget` characters, line ends between them included.
    """
    cut = [[_Part(text, found) for text, found in _parts(source.text)] for source in sources]
    _value(frozenset().union(*questions), sources, cut)
    parts = [(part, source.id) for source, each in zip(sources, cut, strict=True) for part in each]
    closest, source_id = max(parts, key=lambda found: found[0].asked, default=(None, ""))
    shares = [
        len(asked & part.terms) / len(asked) for asked in questions if asked for part, _ in parts
    ]
    return Found(
        _chosen(cut, sources, budget),
        Quote(source_id, closest.text) if closest else None,
        max(shares, default=0.0),
    )


@lru_cache(maxsize=2000)
def _parts(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Units and their terms. Kept: the same passages come up for many tickets."""
    return tuple((unit, frozenset(terms(unit))) for unit in units(text))


def _chosen(cut: Sequence[Sequence[_Part]], sources: Sequence[Source], budget: int) -> list[Quote]:
    """At most one window of each source, the one that gains most first."""
    chosen: list[Quote] = []
    said: set[str] = set()
    left, used = budget, set[int]()
    longest = round(LONGEST * budget)
    while left > SHORTEST and len(chosen) < MOST:
        windows = [
            (*window, at)
            for at, parts in enumerate(cut)
            if at not in used and (window := _window(parts, said, min(left, longest)))
        ]
        gain, start, end, at = max(windows, key=lambda found: found[0], default=(0.0, 0, 0, 0))
        if not windows or (gain <= 0 and chosen):
            break
        used.add(at)
        lines = [part.text for part in cut[at][start : end + 1]]
        said.update(lines)
        text = _trimmed("\n".join(lines), min(left, longest))
        chosen.append(Quote(sources[at].id, text))
        left -= len(text) + 2
    return chosen


def _value(asked: Set[str], sources: Sequence[Source], cut: Sequence[Sequence[_Part]]) -> None:
    """Sets `asked` and `gain` of every part: its value over the bar, times its length."""
    parts = [part for each in cut for part in each]
    holding = Counter(term for part in parts for term in part.terms)
    spread = Counter(term for each in cut for term in set().union(*(p.terms for p in each)))
    others = max(1, len(sources) - 1)
    weight = {term: math.log(1 + (len(parts) + 1) / (holding[term] + 0.5)) for term in asked}
    whole = sum(weight.values()) or 1.0
    values: list[float] = []
    for source, each in zip(sources, cut, strict=True):
        above = set(terms(source.heading))
        base = STANDING * source.standing
        base += HEADING * sum(weight[term] for term in asked & above) / whole
        for part in each:
            part.asked = sum(weight[term] for term in asked & part.terms) / whole
            central = float(sum(spread[term] - 1 for term in part.terms))
            central /= max(1, len(part.terms)) * others
            values.append(base + ASKED * part.asked + CENTRAL * central)
    lengths = [len(part.text) + 1 for part in parts]
    bar = _bar(values, lengths)
    for part, value, length in zip(parts, values, lengths, strict=True):
        part.gain = (value - bar) * length


def _bar(values: Sequence[float], lengths: Sequence[int]) -> float:
    """The value that space is worth: a little over the average of all that was found."""
    space = sum(lengths) or 1
    mean = sum(value * length for value, length in zip(values, lengths, strict=True)) / space
    squares = sum(
        length * (value - mean) ** 2 for value, length in zip(values, lengths, strict=True)
    )
    return mean + BAR * math.sqrt(squares / space)


def _window(parts: Sequence[_Part], said: Set[str], room: int) -> tuple[float, int, int] | None:
    """Gain, first and last index of the best run of parts that fits and repeats nothing."""
    best: tuple[float, int, int] | None = None
    for start in range(len(parts)):
        size, gain = 0, 0.0
        for end in range(start, len(parts)):
            size += len(parts[end].text) + 1
            if parts[end].text in said or (size > room and end > start):
                break
            gain += parts[end].gain if size <= room else parts[end].gain * room / size
            if best is None or gain > best[0]:
                best = (gain, start, end)
    return best


def _trimmed(text: str, budget: int) -> str:
    """`text` within `budget`, cut at a line or word end."""
    if len(text) <= budget:
        return text
    cut = text[:budget]
    for end in ("\n", " "):
        if cut.rfind(end) > budget // 2:
            return cut[: cut.rfind(end)].rstrip()
    return cut
