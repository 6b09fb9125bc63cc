"""Triage without a model: words, form and attachments."""

import re

from mendwheel.agents.agent import Brief
from mendwheel.agents.precedent import likely_component, likely_kind
from mendwheel.domain.diagnosis import Triage
from mendwheel.domain.ticket import Severity, TicketKind
from mendwheel.gateway.extractive.orders import gives_orders

_QUESTION = re.compile(
    r"\?|^\s*(?:how|what|why|when|where|which|who|can|could|do|does|did|is|are|should|may|will|"
    r"would|has|have|please explain|i (?:want|would like|need) to know)\b",
    re.IGNORECASE | re.MULTILINE,
)
_BROKEN = re.compile(
    r"\b(?:down|outage|broken|fail(?:s|ed|ing|ure)?|errors?|crash\w*|timeouts?|timing out|5\d\d|"
    r"degraded|latency|slow(?:ness)?|stuck|unavailable|unreachable|out of bounds|alert(?:name)?|"
    r"firing|incident|restart(?:s|ed|ing)|oom\w*|not (?:working|responding|ready)|spik\w+|"
    r"dropp(?:ed|ing)|missing|pending|exhausted|saturat\w+)\b",
    re.IGNORECASE,
)
_GRAVE = [
    (
        Severity.CRITICAL,
        r"\b(?:critical|sev-?[01]|p[01]|outage|all (?:customers|users)|data loss)\b",
    ),
    (
        Severity.HIGH,
        r"\b(?:urgent|high|sev-?2|p2|production|down|customers (?:see|report)|5\d\d)\b",
    ),
    (Severity.LOW, r"\b(?:low|minor|info|cosmetic|whenever)\b"),
]
_ATTACHED = {"metrics", "logs", "traces", "topology", "alert", "tool_output", "changes"}


def triage(brief: Brief) -> Triage:
    """Kind, severity, component, what is missing, and whether the text gives orders."""
    report = brief.report
    text = f"{report.title}\n{report.body}"
    kind, confidence = _kind(brief, text)
    informed = bool(brief.information)
    return Triage(
        kind=kind,
        severity=_severity(text, kind),
        component=_component(brief, text),
        missing=[] if informed else _missing(brief, text, kind),
        suspicious=gives_orders("\n".join([text, *brief.information])),
        confidence=confidence,
    )


def _kind(brief: Brief, text: str) -> tuple[TicketKind, float]:
    """Recorded evidence speaks of an anomaly; else the form of the text decides."""
    attached = sum(item.media in _ATTACHED for item in brief.report.attachments)
    asks = len(_QUESTION.findall(text[:4000]))
    broken = len(_BROKEN.findall(text[:4000]))
    score = 3.0 * bool(attached) + 0.5 * min(broken, 4) - 1.0 * min(asks, 2)
    if elected := likely_kind(brief.precedents):
        # Labelled tickets outweigh the form of the words, and recorded evidence outweighs them.
        score += 2.0 * elected[1] if elected[0] is TicketKind.ANOMALY else -2.0 * elected[1]
    kind = TicketKind.ANOMALY if score > 0 else TicketKind.CONSULTING
    return kind, round(min(1.0, 0.5 + abs(score) / 6), 2)


def _severity(text: str, kind: TicketKind) -> Severity:
    if kind is TicketKind.CONSULTING:
        return Severity.LOW
    for severity, pattern in _GRAVE:
        if re.search(pattern, text, re.IGNORECASE):
            return severity
    return Severity.MEDIUM


def _component(brief: Brief, text: str) -> str | None:
    """The candidate that the text mentions; else what the nearest labelled tickets agree on."""
    lowered, candidates = text.casefold(), brief.report.candidates.get("services", [])
    named = [name for name in candidates if name.casefold() in lowered]
    if len(named) == 1:
        return named[0]
    if candidates and not named:
        return None
    elected = likely_component(brief.precedents, among=named)
    return elected[0] if elected else None


def _missing(brief: Brief, text: str, kind: TicketKind) -> list[str]:
    """Only a report that says nothing to work with is asked about."""
    if kind is TicketKind.CONSULTING or brief.report.attachments:
        return []
    if len(re.findall(r"\w{3,}", text)) >= 8:
        return []
    return ["what exactly you see (an error message, a screen)", "which service", "since when"]
