"""Messages of events and log entries inside JSON tool output."""

from typing import Any

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.logs import component_of
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, dictionaries, label, quotable
from mendwheel.investigation.symptoms import classify, speaks_of_recovery
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault


def message_findings(document: Document, case: Case, names: Names) -> list[Finding]:
    """One finding for each distinct message that speaks of trouble or of its end."""
    found: dict[str, Finding] = {}
    for _, item in dictionaries(document.data, _judged_by_state):
        if _judged_by_state(item):
            continue
        for text in _texts(item):
            if text in found or len(found) >= 100:
                continue
            if finding := _message(text, item, document, case, names):
                found[text] = finding
    calm = choose_fault(HEALTHY, case.faults) or HEALTHY
    messages = list(found.values())
    if messages and messages[-1].fault == calm:  # listed in order of time: it ended well
        for finding in messages:
            finding.weight *= 1.0 if finding.fault == calm else 0.5
    return messages


def _judged_by_state(item: dict[str, Any]) -> bool:
    """A monitor's message is its help text, and a pod's conditions are part of its state."""
    return "overall_state" in item or "phase" in item


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
