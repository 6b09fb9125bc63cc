"""Facts from logs, tool outputs, events and change lists."""

import re
from typing import Any

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.changes import change_findings
from mendwheel.investigation.cluster_state import state_findings
from mendwheel.investigation.logs import component_of, line_findings
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, label, open_exhibit, quotable
from mendwheel.investigation.symptoms import classify, speaks_of_recovery
from mendwheel.investigation.templates import template_findings
from mendwheel.investigation.timeseries_json import dictionaries
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault

FINDING_LIMIT = 60
_SUBJECT = re.compile(r"[A-Za-z0-9][\w.-]{3,}")
_COMMON = frozenset(
    [
        "what",
        "with",
        "issue",
        "wrong",
        "from",
        "this",
        "that",
        "alert",
        "alerts",
        "there",
        "have",
        "been",
        "does",
        "working",
        "why",
        "when",
        "where",
        "which",
        "prometheus",
        "kubernetes_api_server",
        "subject",
        "name",
        "namespace",
        "kind",
        "default",
        "firing",
        "pod",
        "job",
        "deployment",
        "service",
        "services",
        "app",
        "application",
        "cluster",
        "please",
        "check",
        "going",
        "other",
        "processes",
        "unable",
        "reach",
        "respond",
        "responding",
        "requests",
        "http",
        "within",
        "stop",
        "stopped",
        "work",
        "explain",
        "failed",
        "down",
        "since",
        "find",
        "fault",
        "latency",
        "average",
        "degraded",
        "users",
        "report",
        "about",
        "clock",
        "before",
        "after",
        "onset",
        "warning",
        "critical",
        "severity",
        "summary",
        "description",
    ]
)
_ALWAYS = re.compile(
    r"(?i)(meant|designed|supposed|intended|should|expected) to (always )?be (always )?(firing|"
    r"active)|always (be )?(firing|active)|should always (be )?fir|not an issue"
)


def records(case: Case) -> list[Finding]:
    """Findings from texts and tool outputs, strongest first. Never raises on malformed evidence."""
    names = Names(case.components)
    subjects = _subjects(case)
    findings: list[Finding] = []
    for exhibit in case.exhibits:
        document = open_exhibit(exhibit)
        if document.reference:
            findings += _by_design(document, case)
        elif document.failed or exhibit.kind in ("metrics", "topology", "traces"):
            continue
        elif exhibit.kind == "changes" or "change" in exhibit.name.lower():
            findings += change_findings(document, case, names)
        elif document.data is not None:
            findings += state_findings(document, case, names)
            findings += _messages(document, case, names)
        else:
            counted = template_findings(document, case, names)
            if counted is None:
                counted = line_findings(document, case, names, subjects)
            findings += counted
    return sorted(findings, key=lambda f: -f.weight)[:FINDING_LIMIT]


def _subjects(case: Case) -> frozenset[str]:
    words = _SUBJECT.findall(f"{case.title} {case.body[:2000]}".lower())
    return frozenset(w.strip(".-") for w in words if w not in _COMMON)


def _by_design(document: Document, case: Case) -> list[Finding]:
    """Advice that this very alert is meant to fire all the time."""
    match = _ALWAYS.search(document.body)
    title = re.sub(r"\W", "", case.title.lower())
    if not match or not title or title not in re.sub(r"\W", "", document.body.lower()):
        return []
    line = document.body[max(0, match.start() - 120) : match.end() + 120]
    return [
        Finding(
            statement=f"{label(document.exhibit)}: {quotable(line)}",
            exhibit_ids=[document.exhibit.id],
            quote=quotable(line),
            fault=choose_fault(HEALTHY, case.faults) or HEALTHY,
            weight=0.9,
            sense="records",
        )
    ]


def _messages(document: Document, case: Case, names: Names) -> list[Finding]:
    """Messages of events and log entries inside JSON; one finding for each distinct message."""
    found: dict[str, Finding] = {}
    for _, item in dictionaries(document.data):
        if "overall_state" in item or "phase" in item:
            continue  # a monitor's message is its help text, a pod is judged by its state
        for text in _texts(item):
            if text in found or len(found) >= 100:
                continue
            if finding := _message(text, item, document, case, names):
                found[text] = finding
    return list(found.values())


def _texts(item: dict[str, Any]) -> list[str]:
    lines = []
    for key in ("message", "logs", "log", "description", "msg"):
        value = item.get(key)
        if isinstance(value, str):
            lines += value.splitlines()[:2000]
    reason = item.get("reason")
    if isinstance(reason, str) and lines and len(lines) == 1:
        lines[0] = f"{reason}: {lines[0]}"
    return lines


def _message(
    text: str, item: dict[str, Any], document: Document, case: Case, names: Names
) -> Finding | None:
    symptom = classify(text[:2000])
    over = speaks_of_recovery(text[:2000])
    if symptom is None and not over:
        return None
    family = HEALTHY if symptom is None or over else symptom.family
    count = item.get("count")
    times = f" ({count} times)" if isinstance(count, int) and count > 1 else ""
    body = text.split(": ", 1)[-1] if isinstance(item.get("reason"), str) else text
    return Finding(
        statement=f"{label(document.exhibit)}{times}: {quotable(text)}",
        exhibit_ids=[document.exhibit.id],
        quote=quotable(body) if body in document.body else "",
        component=component_of(text, names, case) if case.components else None,
        fault=choose_fault(family, case.faults) or (HEALTHY if family == HEALTHY else None),
        weight=symptom.weight if symptom and not over else 0.4,
        sense="records",
    )
