"""Log message counts before and now: which messages are new, which have gone quiet."""

import re
from math import log2

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, quotable
from mendwheel.investigation.tables import Table, number, read_table
from mendwheel.investigation.vocabulary import choose_fault

_ERROR = re.compile(r"\b(ERROR|FATAL|CRITICAL|SEVERE|Exception)\b")


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
    for row, line in zip(table.rows, table.lines, strict=False):
        if len(row) <= max(places):
            continue
        before, now = number(row[usual]) or 0.0, number(row[current]) or 0.0
        error = bool(_ERROR.search(row[message][:200]))
        weight = _weight(before, now, error)
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


def _weight(before: float, now: float, error: bool) -> float:
    """New errors speak loudly; an ordinary message that stops is a path no longer taken."""
    if error and now > before:
        return min(0.6, 0.3 + 0.08 * log2((now + 0.5) / (before + 0.5)))
    if not error and before >= 5 and now < 0.3 * before:
        return 0.45
    return 0.0
