"""How alike two reports are. High only for reports of one incident: the same error is seen in the
same place. Words alone make two reports alike only when they are nearly all the same.
"""

import math
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from mendwheel.knowledge.query import inverse_frequency
from mendwheel.knowledge.terms import terms

ERROR = 0.6
"""What the same error alone makes two reports alike."""
NAME = 0.25
"""What sharing the names of things (hosts, settings, paths) adds."""
PLACE = 0.3
"""What the same component adds where the error is the same."""
OTHER_ERROR, OTHER_NAME, OTHER_PLACE = 0.7, 0.6, 0.5
"""Factors for reports that both state errors, names or a component, and share none."""
IMAGINED = 200
"""Reports imagined besides the stored ones: in a young store every word would be rare."""

_ERROR = re.compile(
    r"""
    \b[A-Z]{2,}-\d{2,}\b                                          # ORA-00942
    | \b[A-Z]{1,6}\d{3,}[A-Z]?\b                                  # E1234
    | \bE(?:CONN[A-Z]+|TIMEDOUT|NOSPC|NOMEM|NOENT|ACCES|PERM|PIPE|MFILE|ADDRINUSE)\b
    | \b\w*(?:Error|Exception|Fault|Timeout|Killed|Refused|Denied|Exceeded|BackOff|Failure)\b
    | \b(?:[A-Z][a-z0-9]+){2,}(?=:[ ])                            # HeapPressure: heap nearly full
    | \b(?:40[01348]|409|413|422|429|50[0234])(?=s?\b)            # HTTP status
    | \bexit\ (?:code|status)\ \d+\b
    | \b0x[0-9a-fA-F]{4,}\b
    """,
    re.VERBOSE,
)
_NAME = re.compile(
    r"""
    \b\d{1,3}(?:\.\d{1,3}){3}\b                                   # addresses
    | (?<![\w/])/[\w.-]+(?:/[\w.-]+)+                             # /var/lib
    | \b[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+\b               # snake_case, payment-service
    | \b[a-z]+(?:[A-Z][a-z0-9]+)+\b | \b(?:[A-Z][a-z0-9]+){2,}\b  # camelCase
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Traits:
    """What is compared of a report."""

    words: frozenset[str]
    errors: frozenset[str]
    names: frozenset[str]
    component: str


def traits(title: str, text: str, component: str | None) -> Traits:
    """The traits of a report; `text` may begin with the title again."""
    said = text if text.casefold().startswith(title.casefold()) else f"{title}\n{text}"
    place = (component or "").casefold()
    errors = {found.casefold() for found in _ERROR.findall(said)}
    names = {found.casefold().strip("/") for found in _NAME.findall(said)}
    return of_terms(terms(said), errors, names - errors - {place}, place)


def of_terms(
    words: Iterable[str], errors: Iterable[str], names: Iterable[str], component: str
) -> Traits:
    """Traits from terms that were kept. A name counts once, not again by each of its parts."""
    signs = frozenset(errors), frozenset(names)
    parts = {part for sign in (*signs[0], *signs[1]) for part in terms(sign)}
    return Traits(frozenset(words) - parts, *signs, component)


def alike(one: Traits, other: Traits, frequencies: Mapping[str, int], total: int) -> float:
    """0..1; 1 for the same words and the same errors. `frequencies` holds in how many of the
    `total` cases a term is.
    """
    words = _overlap(one.words, other.words, frequencies, total)
    errors, other_errors = _shared(one.errors, other.errors)
    names, other_names = _shared(one.names, other.names)
    placed = bool(one.component and other.component)
    value = (1 - words) * (1 - ERROR * errors) * (1 - NAME * names)
    if errors and placed and one.component == other.component:
        value *= 1 - PLACE
    value = 1 - value
    value *= OTHER_ERROR if other_errors else 1.0
    value *= OTHER_NAME if other_names else 1.0
    value *= OTHER_PLACE if placed and one.component != other.component else 1.0
    return round(value, 4)


def _shared(one: Set[str], other: Set[str]) -> tuple[float, bool]:
    """The shared part of the smaller set; whether both state something and share nothing."""
    both = bool(one) and bool(other)
    shared = len(one & other)
    return shared / min(len(one), len(other)) if both else 0.0, both and not shared


def _overlap(one: Set[str], other: Set[str], frequencies: Mapping[str, int], total: int) -> float:
    """Weight of the shared terms in the weight of all: rare terms count more."""
    if not (both := one & other):
        return 0.0
    total += IMAGINED
    shared = math.fsum(inverse_frequency(frequencies.get(term, 1), total) for term in both)
    apart = math.fsum(inverse_frequency(frequencies.get(term, 1), total) for term in one ^ other)
    return shared / (shared + apart)
