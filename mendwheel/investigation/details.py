"""Lines that explain a failure: the selector that matched nothing, the image asked for."""

import re

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.reading import Document, label, quotable
from mendwheel.investigation.vocabulary import choose_fault

_SCAN = 200_000
_LINES: dict[str, re.Pattern[str]] = {
    family: re.compile(rf"^[ \t]*(?:{pattern})[^\n]{{0,200}}$", re.MULTILINE)
    for family, pattern in {
        "scheduling": r"(?:Node-Selectors|nodeSelector): +(?!<none>)\S",
        "capacity": r"[\w.-]+/(?:gpu|[\w-]+): +\d|(?:cpu|memory): +\d\S*$",
        "storage": r"StorageClass: +\S",
        "image": r"Image: +\S",
        "probe": r"(?:Liveness|Readiness|Startup): +\S",
        "memory": r"memory: +\d",
    }.items()
}


def detail_findings(document: Document, case: Case, families: set[str]) -> list[Finding]:
    """At most two explaining lines for each family of failure already seen in the document."""
    findings = []
    for family in sorted(families & _LINES.keys()):
        seen: set[str] = set()
        for match in _LINES[family].finditer(document.body[:_SCAN]):
            quote = quotable(match[0])
            if quote in seen:
                continue
            seen.add(quote)
            findings.append(
                Finding(
                    statement=f"{label(document.exhibit)} asks for {quote}",
                    exhibit_ids=[document.exhibit.id],
                    quote=quote,
                    fault=choose_fault(family, case.faults),
                    weight=0.5,
                    sense="records",
                )
            )
            if len(seen) == 2:
                break
    return findings
