"""Turns free text into a full-text query: weighs its terms and searches for the telling ones.

An `OR` over every word of a report grows with the knowledge base; the rarest terms find the same
passages at a fraction of the cost, and the ranking then uses all of them.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise

from mendwheel.knowledge.terms import terms

MOST_TERMS = 10
"""Terms that a full-text query asks for."""
LEAST_TERMS = 2
"""Terms it asks for in any case."""
MOST_FOUND = 8_000
"""Passages that these terms may be in together: what a search costs grows with them."""
MOST_WEIGHED = 60
"""Distinct terms of one text that are looked at; a pasted log has thousands."""

MOST_MEANT = 600
"""Characters of a query that are embedded."""


def counted(text: str) -> Counter[str]:
    """The distinct terms of `text` and how often each occurs, the most frequent ones first."""
    return Counter(dict(Counter(terms(text)).most_common(MOST_WEIGHED)))


def pairs(text: str) -> set[tuple[str, str]]:
    """Terms that stand side by side in a line of `text`: "read replica" is more than its words."""
    found: set[tuple[str, str]] = set()
    for line in set(text.split("\n")):
        said = terms(line)
        found.update(pair for pair in pairwise(said) if pair[0] != pair[1])
    return found


def weigh(
    counts: Mapping[str, int], frequencies: Mapping[str, int], passages: int
) -> dict[str, float]:
    """Weight of each term, above 0: rare terms say more, repeated ones a little more.

    `frequencies` holds in how many of the `passages` a term occurs; one it lacks occurs in none.
    """
    return {
        term: inverse_frequency(frequencies.get(term, 0), passages) * (1 + math.log(count))
        for term, count in counts.items()
    }


def inverse_frequency(found: int, total: int) -> float:
    """BM25's inverse document frequency, above 0."""
    return math.log(1 + (max(total, found) - found + 0.5) / (found + 0.5))


def telling(
    weights: Mapping[str, float], frequencies: Mapping[str, int], most_found: int = MOST_FOUND
) -> list[str]:
    """The at most `MOST_TERMS` heaviest of the terms that the index knows, without common ones
    where the heavier ones are in `most_found` passages already.

    `frequencies` holds in how many passages each known term occurs.
    """
    heaviest = sorted(
        (term for term in frequencies if term in weights),
        key=lambda term: (-weights[term], term),
    )[:MOST_TERMS]
    found = list(accumulate(frequencies[term] for term in heaviest))
    return [
        term
        for place, term in enumerate(heaviest)
        if place < LEAST_TERMS or found[place] <= most_found
    ]


def match(wanted: Iterable[str]) -> str:
    """An FTS5 expression for any of `wanted`. Quoted, so no text can be read as syntax."""
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in wanted)


def meant(query: str) -> str:
    """`query` as an embedder should read it: each line once, and no more than it can take in.

    Lines said twice weigh twice as words; a model would only read them again.
    """
    lines = dict.fromkeys(" ".join(line.split()) for line in query.split("\n"))
    return "\n".join(line for line in lines if line)[:MOST_MEANT]
