"""Tells which passages come from documents that are out of date, by what the documents say.

A document is stale when it says so of itself, or when another one that was found has the same
title with a newer version or a newer date.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mendwheel.domain.evidence import Evidence

_ITSELF = (
    r"this (?:page|document|article|guide|section|version|policy|procedure|runbook|topic|manual)"
)
_ENDED = (
    r"(?:deprecated|obsolete|outdated|out of date|superseded|archived|retired|withdrawn|"
    r"no longer (?:maintained|valid|current|updated|applicable)|replaced by)"
)
_SAYS_SO = re.compile(rf"\b{_ITSELF} (?:is|was|has been|is now) {_ENDED}", re.IGNORECASE)
_TITLED_SO = re.compile(r"[\[(](?:deprecated|obsolete|outdated|archived|superseded|old)[\])]", re.I)
_VERSION = re.compile(r"\b(?:version|release|v)\.?\s*(\d+(?:\.\d+)*)|\b(\d+(?:\.\d+)+)\b", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?\b")
_DATED = re.compile(
    r"\b(?:last (?:updated|modified|reviewed|changed)|updated|effective|valid|as of)(?: on| from)?"
    r"[:\s]+((?:19|20)\d\d-\d\d(?:-\d\d)?)\b",
    re.IGNORECASE,
)
_EDGES = re.compile(r"[\s()\[\],:–—-]+")

Age = tuple[int, ...]


@dataclass(frozen=True)
class Fresh:
    """The evidence to answer from, and what has to be said about its age."""

    evidence: list[Evidence]
    replaced: tuple[Evidence, Evidence] | None = None  # the stale one, and the newer one instead
    outdated: Evidence | None = None  # it says itself that it is out of date; nothing newer is here


def freshest(evidence: Sequence[Evidence], question: str) -> Fresh:
    """`evidence` without what is out of date, where something newer was found.

    A version that the question names is the right one, however old.
    """
    stale = {item.source for item in evidence if _says_so(item)}
    newest: dict[str, Evidence] = {}
    for item in evidence:
        name = _name(item.title)
        best = newest.get(name)
        if item.source not in stale and (best is None or _age(item) > _age(best)):
            newest[name] = item
    kept: list[Evidence] = []
    replaced: tuple[Evidence, Evidence] | None = None
    for item in evidence:
        better = newest.get(_name(item.title))
        older = better is not None and better.source != item.source and _older(item, better)
        if better is not None and (older or item.source in stale) and not _named(item, question):
            replaced = replaced or (item, better)
        else:
            kept.append(item)
    first = kept[0] if kept else None
    outdated = first if first is not None and first.source in stale else None
    return Fresh(kept, replaced, outdated)


def _says_so(item: Evidence) -> bool:
    return bool(_SAYS_SO.search(item.text) or _TITLED_SO.search(item.title))


def _older(item: Evidence, other: Evidence) -> bool:
    """Both state an age of the same kind, and the item's is less."""
    ages = [(_version(each.title), _date(each)) for each in (item, other)]
    (version, date), (other_version, other_date) = ages
    if version and other_version:
        return version < other_version
    return bool(date and other_date and date < other_date)


def _age(item: Evidence) -> tuple[Age, Age]:
    return _version(item.title), _date(item)


def _version(title: str) -> Age:
    found = _VERSION.search(title.split(" › ")[0])
    return _numbers(found[1] or found[2]) if found else ()


def _date(item: Evidence) -> Age:
    year = _YEAR.search(item.title.split(" › ")[0])
    dated = _DATED.search(item.text)
    return _numbers(year[0]) if year else _numbers(dated[1]) if dated else ()


def _numbers(text: str) -> Age:
    return tuple(int(part) for part in re.split(r"[.-]", text) if part)


def _name(title: str) -> str:
    """A document's title without version, year and marks: what its editions share."""
    own = title.split(" › ")[0]
    for pattern in (_TITLED_SO, _YEAR, _VERSION):
        own = pattern.sub(" ", own)
    return _EDGES.sub(" ", own).strip().casefold()


def _named(item: Evidence, question: str) -> bool:
    """Whether the question asks for just this edition."""
    title = item.title.split(" › ")[0]
    marks = [found[0] for found in (*_VERSION.finditer(title), *_YEAR.finditer(title))]
    return any(re.search(rf"(?<![\d.]){re.escape(mark)}(?!\.?\d)", question) for mark in marks)
