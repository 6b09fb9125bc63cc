"""Counters only ever grow, until their process restarts: what matters is how fast they grow."""

import re
from itertools import pairwise

from mendwheel.investigation.vocabulary import plain_words

_NAMED = re.compile(r"\b(total|count|sum|counter|cumulative)$")
_RESETS = 0.2
"""A counter that falls more often than in this share of its steps is none."""


def is_counter(measure: str, values: list[float | None]) -> bool:
    """Whether the name says so and the values behave so: they grow, and fall only to begin anew."""
    present = [value for value in values if value is not None]
    if len(present) < 4 or not _NAMED.search(plain_words(measure)) or min(present) < 0:
        return False
    steps = list(pairwise(present))
    falls = [(old, new) for old, new in steps if new < old]
    grows = sum(new > old for old, new in steps)
    reset = all(new < old / 2 for old, new in falls)
    return grows >= 2 and reset and len(falls) <= max(1, int(_RESETS * len(steps)))


def rates(values: list[float | None], times: list[float]) -> list[float | None]:
    """Growth per second up to each sample; None for the first one and beside a gap.

    After a reset the counter began at zero, so that its value is what it has grown by at least.
    """
    found: list[float | None] = []
    before: tuple[float, float] | None = None
    for value, time in zip(values, times, strict=True):
        rate = None
        if value is not None and before is not None and time > before[1]:
            grown = value - before[0] if value >= before[0] else value
            rate = grown / (time - before[1])
        found.append(rate)
        before = (value, time) if value is not None else None
    return found
