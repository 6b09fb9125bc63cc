"""Reads traces in Jaeger's JSON: who was visited, who called whom, and where it failed first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

_PEERS = ("peer.service", "db.name", "db.system", "messaging.destination.name", "server.address")
_NAME = 120
_LATEST = 253_402_300_799.0
"""The last second that has a date."""

_TROUBLE = str.maketrans(dict.fromkeys(",;|>\t\n\r", " "))
"""What separates fields and names where investigators read them."""


@dataclass(slots=True, frozen=True)
class Span:
    """`at` in seconds since 1970, `ms` long; `parent` is the key of the span that caused it."""

    key: tuple[str, str]
    parent: tuple[str, str] | None
    service: str
    operation: str
    at: float
    ms: float
    failed: bool
    client: bool
    peer: str | None


@dataclass(slots=True, frozen=True)
class Visit:
    """One request that a service took; `caller_ms` is how long its caller waited for it.

    `seen` is False where only the caller tells of it: the service itself is not traced.
    """

    service: str
    at: float
    ms: float
    failed: bool
    caller: str | None
    caller_ms: float | None
    seen: bool


def read_spans(traces: Iterable[Any]) -> list[Span]:
    """Every span once, whatever is malformed left out."""
    found: dict[tuple[str, str], Span] = {}
    for trace in traces:
        if not isinstance(trace, dict):
            continue
        services = _services(trace.get("processes"))
        spans = trace.get("spans")
        for each in spans if isinstance(spans, list) else []:
            try:
                span = _span(each, services)
            except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
                continue
            found.setdefault(span.key, span)
    return list(found.values())


def visits(spans: list[Span]) -> Iterator[Visit]:
    """Spans that enter a service, and calls to what is not traced itself."""
    by_key = {span.key: span for span in spans}
    answered = set()
    for span in spans:
        parent = by_key.get(span.parent) if span.parent else None
        if parent is not None and parent.service != span.service:
            answered.add(parent.key)
    for span in spans:
        parent = by_key.get(span.parent) if span.parent else None
        if span.client and span.peer and span.key not in answered and span.peer != span.service:
            yield Visit(span.peer, span.at, span.ms, span.failed, span.service, span.ms, False)
        if span.parent is None or (parent is not None and parent.service != span.service):
            caller = parent.service if parent else None
            waited = parent.ms if parent and parent.client else None
            yield Visit(span.service, span.at, span.ms, span.failed, caller, waited, True)


def deepest_failures(spans: list[Span]) -> list[Span]:
    """Failed spans that no failed child explains."""
    blamed = {span.parent for span in spans if span.failed}
    return [span for span in spans if span.failed and span.key not in blamed]


def plain(name: Any) -> str:
    """A name that can stand in a table and beside an arrow."""
    return " ".join(str(name).translate(_TROUBLE).split())[:_NAME]


def _services(processes: Any) -> dict[str, str]:
    if not isinstance(processes, dict):
        return {}
    return {
        key: plain(each["serviceName"])
        for key, each in processes.items()
        if isinstance(each, dict) and each.get("serviceName")
    }


def _span(each: dict[str, Any], services: dict[str, str]) -> Span:
    trace = str(each["traceID"])
    tags = {str(tag["key"]): tag.get("value") for tag in each.get("tags") or []}
    parents = [
        (str(ref.get("traceID") or trace), str(ref["spanID"]))
        for ref in each.get("references") or []
    ]
    peer = next((tags[key] for key in _PEERS if tags.get(key)), None)
    at, ms = float(each["startTime"]) / 1e6, float(each["duration"]) / 1e3
    if not 0 <= at <= _LATEST or not isfinite(ms):
        raise ValueError("at no moment that could be told")
    return Span(
        key=(trace, str(each["spanID"])),
        parent=parents[0] if parents else None,
        service=services[each["processID"]],
        operation=plain(each.get("operationName", "")),
        at=at,
        ms=max(0.0, ms),
        failed=_failed(tags),
        client=str(tags.get("span.kind", "")) in ("client", "producer"),
        peer=plain(peer) if peer else None,
    )


def _failed(tags: dict[str, Any]) -> bool:
    if str(tags.get("error", "")).lower() == "true" or tags.get("otel.status_code") == "ERROR":
        return True
    status = str(tags.get("http.status_code") or tags.get("http.response.status_code") or "")
    return status.isascii() and status.isdigit() and int(status[:9]) >= 500
