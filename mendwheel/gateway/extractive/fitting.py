"""How likely a runbook is the right one: a logistic fit, on alerts with and without theirs.

Somebody else's runbook nearly always is the best one where the right one was never written, so
being first says little: what counts is whether alert and runbook say each other's names.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from mendwheel.domain.evidence import Evidence
from mendwheel.knowledge.terms import terms

MARKED_AS = "runbook"
"""The kind that a document states, or a folder gives it, where somebody said that it is one."""
MOST_LEAD = 0.5
"""A lead beyond this says no more."""

BIAS = -4.8
WEIGHTS = (1.2, 1.5, 1.3, 0.9)
"""What each feature is worth, in log odds; `make bench NAME=resolution` fits them again."""
NAMED, MARKED = 4.0, 0.5
"""The same of an alert label that names the runbook, and of a document that is marked as one. No
labelled alert has either: set by hand.
"""


@dataclass(frozen=True)
class Alert:
    """The terms of a report, and of its title alone."""

    said: Set[str]
    headline: Set[str]


@dataclass(frozen=True)
class Match:
    """What speaks for a runbook."""

    features: tuple[float, float, float, float]
    """Log of its best passage's score; share of its name that the alert says; share of the alert's
    headline that it holds; how far it is ahead of the next one.
    """
    named: bool = False
    marked: bool = False

    @property
    def confidence(self) -> float:
        """0..1."""
        odds = BIAS + sum(w * each for w, each in zip(WEIGHTS, self.features, strict=True))
        odds += NAMED * self.named + MARKED * self.marked
        return round(1 / (1 + math.exp(-odds)), 3)


def match(alert: Alert, passages: Sequence[Evidence], lead: float | None, *, named: bool) -> Match:
    """How well a document fits, by its `passages` (not empty).

    `lead` is None where nothing else was found: to be alone says nothing for a document.
    """
    highest = max(item.score for item in passages)
    return Match(
        (
            math.log(0.1 + max(0.0, highest)),
            share(name_of(passages[0]), alert.said),
            share(alert.headline, _words(passages)),
            max(-MOST_LEAD, min(MOST_LEAD, lead or 0.0)),
        ),
        named,
        marked=any(item.media == MARKED_AS for item in passages),
    )


def title_of(item: Evidence) -> str:
    """The document's title, without the heading of the passage."""
    return item.title.split(" › ")[0]


def name_of(item: Evidence) -> set[str]:
    """The terms of a document's title. `DiskFull` counts by its parts, which is what people say."""
    title = title_of(item)
    found = set(terms(title))
    return found - {title.lower()} or found


def share(wanted: Set[str], there: Set[str]) -> float:
    """Which part (0..1) of the wanted words is there."""
    return sum(near(word, there) for word in wanted) / max(1, len(wanted))


def near(word: str, words: Set[str]) -> bool:
    """Whether `words` hold the word, or one that begins it or that it begins."""
    if word in words:
        return True
    return len(word) >= 4 and any(
        len(each) >= 4 and (each.startswith(word) or word.startswith(each)) for each in words
    )


def _words(passages: Sequence[Evidence]) -> set[str]:
    return {word for item in passages for word in terms(f"{item.title} {item.text}")}
