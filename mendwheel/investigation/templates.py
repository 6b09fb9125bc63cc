"""Log message counts before and now: which messages are new, which have gone quiet."""

import re
from collections.abc import Callable
from math import log2

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, quotable
from mendwheel.investigation.tables import Table, number, read_table
from mendwheel.investigation.vocabulary import choose_fault

_ERROR = re.compile(r"\b(ERROR|FATAL|CRITICAL|SEVERE|Exception)\b")

# A dispatcher's error is often passed up from a callee; the service's own class is nearer.
_WRAPPED = re.compile(r"(?i)nested exception|caused by|request processing failed|wrapped")

_SOURCE = re.compile(r"([\w.$\[]+)[#:]\d+")


def template_findings(document: Document, case: Case, names: Names) -> list[Finding] | None:
    """Findings from a table of message counts; None when the document is no such table."""
    table = read_table(document.body)
    if table is None:
        return None
    places = [table.place(r) for r in ("component", "message", "before", "during")]
    if any(place is None for place in places):
        return None
    return _compare(table, [p for p in places if p is not None], document, case, names)


def _compare(
    table: Table, places: list[int], document: Document, case: Case, names: Names
) -> list[Finding]:
    component, message, usual, current = places
    findings = []
    quiet = _sources(table, places, lambda before, now: before >= 5 and now < 0.3 * before)
    for row, line in zip(table.rows, table.lines, strict=False):
        if len(row) <= max(places):
            continue
        before, now = number(row[usual]) or 0.0, number(row[current]) or 0.0
        error = bool(_ERROR.search(row[message][:200]))
        weight = _weight(before, now, error)
        if error and weight and not _WRAPPED.search(row[message]):
            weight += 0.12
            # The same class stopped saying one thing and began to report errors: it took a turn.
            weight += 0.15 * ((row[component], _source(row[message])) in quiet)
        if weight < 0.2:
            continue
        word = "now" if now > before else "no longer"
        findings.append(
            Finding(
                statement=f"{row[component]} {word} logs ({before:g} before, {now:g} now): "
                f"{row[message][:160]}",
                exhibit_ids=[document.exhibit.id],
                quote=quotable(line),
                component=names.canonical(row[component]),
                fault=choose_fault("code", case.faults),
                weight=weight,
                sense="records",
            )
        )
    return sorted(findings, key=lambda f: -f.weight)[:30]


def _source(message: str) -> str:
    """The class or file that logged a message, where it says so (`OrderService#245`)."""
    match = _SOURCE.search(message[:200])
    return match[1] if match else message[:200]


def _sources(
    table: Table, places: list[int], test: Callable[[float, float], bool]
) -> set[tuple[str, str]]:
    component, message, usual, current = places
    return {
        (row[component], _source(row[message]))
        for row in table.rows
        if len(row) > max(places) and test(number(row[usual]) or 0.0, number(row[current]) or 0.0)
    }


def _weight(before: float, now: float, error: bool) -> float:
    """New errors speak loudly; an ordinary message that stops is a path no longer taken."""
    if error and now > before:
        return min(0.6, 0.3 + 0.08 * log2((now + 0.5) / (before + 0.5)))
    if not error and before >= 5 and now < 0.3 * before:
        return 0.45
    return 0.0
