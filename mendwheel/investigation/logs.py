"""Error clusters in lines: log files, kubectl tables and descriptions, event messages."""

import re
from dataclasses import dataclass

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.details import detail_findings
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, label, lines_of, printable, quotable
from mendwheel.investigation.symptoms import Symptom, classify
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault

LINE_LIMIT = 20_000
CLUSTER_LIMIT = 400
_LINE_LENGTH = 1000
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+")
_SPEAKER = re.compile(
    r"(?:\b(?:service|app|component|container|pod)[=:]\s*\"?|^\[|^(?:\[?\d\S{0,40}\s+){1,2}(?:\[?[A-Z]{4,8}\]?:?\s+)?\[?)"
    r"([a-z][\w.-]{2,60})"
)
_PREFIX = re.compile(r"^([a-z][\w.-]{2,60}): ")
_NOT_NAMES_WORDS = """
error warn warning info debug fatal critical trace notice message reason status description
title name data stderr stdout output event kind type level caused exception nested
"""
_NOT_NAMES = frozenset(_NOT_NAMES_WORDS.split())
_SIMILAR = re.compile(
    r"[\[(]x ?(\d+)\b[^\])]{0,40}[\])]|(?:repeated|seen) (\d+) (?:times|more)", re.IGNORECASE
)
# Lines that only carry state over from elsewhere, or that explain the cause rather than state it.
_NOISE = re.compile(
    r"^\s*(Tolerations|Annotations|Labels|QoS Class|Optional|DownwardAPI|Liveness|Readiness|"
    r"Events|stderr|stdout):|last-applied-configuration|"
    r"^\s*\S*Limit:\s+\d+$|^\s*(IP|IPs|Annotations|Mounts|Volumes|Conditions|Environment|Port|"
    r"Host Port|Node|Last State|Node-Selectors|Labels|Address|Default backend):\s+<none>|"
    r"op=Exists"
)


@dataclass(slots=True)
class Cluster:
    """Lines that differ only in numbers: one symptom, seen `count` times."""

    line: str
    symptom: Symptom
    count: int
    component: str | None
    relevance: float


def line_findings(
    document: Document, case: Case, names: Names, subjects: frozenset[str]
) -> list[Finding]:
    """One finding for each cluster of troubled lines, repeated ones a little stronger."""
    about = f"{document.exhibit.name} {document.command}".lower()
    aimed = any(subject in about for subject in subjects)
    listing = _is_listing(document.body)
    clusters: dict[str, Cluster] = {}
    for raw in lines_of(document.body, LINE_LIMIT):
        if not raw or raw.isspace():
            continue
        line = printable(raw[:_LINE_LENGTH])
        symptom = classify(line)
        if symptom is None or _NOISE.search(line):
            continue
        key = _VARYING.sub("#", line[:300])
        more = _times(line)
        if key in clusters:
            clusters[key].count += more
        elif len(clusters) < CLUSTER_LIMIT:
            here = any(subject in line.lower() for subject in subjects)
            relevance = 1.0 if here or (aimed and not listing) or not subjects else 0.6
            speaker = component_of(line, names, case)
            clusters[key] = Cluster(line, symptom, more, speaker, relevance)
    families = {c.symptom.family for c in clusters.values() if c.symptom.family}
    found = [_finding(document, case, cluster) for cluster in clusters.values()]
    if not found and document.exhibit.kind == "logs":
        return _quiet(document, case)
    return found + detail_findings(document, case, families)


def _times(line: str) -> int:
    """How many lines one stands for, where whoever collected them says so: `[x12]`, `(x12 over`."""
    similar = _SIMILAR.search(line)
    return int((similar[1] or similar[2])[:9]) if similar else 1


def _quiet(document: Document, case: Case) -> list[Finding]:
    """A log of some length without one troubled line speaks for calm."""
    count = sum(1 for line in lines_of(document.body, LINE_LIMIT) if line.strip())
    if count < 10:
        return []
    return [
        Finding(
            statement=f"{label(document.exhibit)}: none of {count} lines speaks of trouble.",
            exhibit_ids=[document.exhibit.id],
            fault=choose_fault(HEALTHY, case.faults) or HEALTHY,
            weight=0.4,
            sense="records",
        )
    ]


def _is_listing(text: str) -> bool:
    """Whether the text is a table of many things, of which the subject may be one."""
    head = text.lstrip()[:200]
    return head.startswith(("NAME", "LAST SEEN", "NAMESPACE")) and text.count("\n") > 6


def component_of(line: str, names: Names, case: Case) -> str | None:
    """Who a line speaks for: a leading `name:`, a `service=` field, or a name after a time."""
    if prefix := _PREFIX.match(line):
        name = names.canonical(prefix[1])
        if not case.components or name in case.components:
            return name if name.lower() not in _NOT_NAMES else None
    if speaker := _SPEAKER.search(line):
        name = names.canonical(speaker[1])
        if name.lower() not in _NOT_NAMES and (not case.components or name in case.components):
            return name
    mentioned = names.mentioned(line) if case.components else []
    return mentioned[0] if mentioned else None


def _finding(document: Document, case: Case, cluster: Cluster) -> Finding:
    symptom = cluster.symptom
    weight = symptom.weight * cluster.relevance
    if symptom.family != HEALTHY:
        weight = min(0.97, weight + min(0.05, 0.01 * (cluster.count - 1)))
    times = f" ({cluster.count} times)" if cluster.count > 1 else ""
    quote = quotable(cluster.line, symptom.at)
    return Finding(
        statement=f"{label(document.exhibit)}{times}: {quote}",
        exhibit_ids=[document.exhibit.id],
        quote=quote,
        component=cluster.component,
        fault=choose_fault(symptom.family, case.faults),
        weight=weight,
        sense="records",
    )
