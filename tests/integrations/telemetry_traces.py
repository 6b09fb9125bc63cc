"""A shop in which payment fails from a moment on, as Jaeger tells of it."""

from typing import Any

from mendwheel.integrations.senses.traces import LIMIT
from tests.integrations.telemetry_case import BEGAN
from tests.integrations.telemetry_server import Params


def span(
    trace: str, name: str, process: str, at: float, ms: float, parent: str = "", **tags: Any
) -> dict[str, Any]:
    refs = [{"refType": "CHILD_OF", "traceID": trace, "spanID": parent}] if parent else []
    told = [{"key": key.replace("__", "."), "value": value} for key, value in tags.items()]
    return {
        "traceID": trace,
        "spanID": name,
        "operationName": f"GET /{process}",
        "references": refs,
        "startTime": int(at * 1e6),
        "duration": int(ms * 1000),
        "processID": process,
        "tags": told,
    }


def order(number: int, at: float, began: float = BEGAN.timestamp()) -> dict[str, Any]:
    """front calls checkout, checkout calls payment, payment asks a database that is not traced."""
    slow = 400.0 if at >= began else 0.0
    trace = f"t{number}"
    spans = [
        span(trace, "1", "p1", at, 100 + slow),
        span(trace, "2", "p1", at, 90 + slow, "1", span__kind="client"),
        span(trace, "3", "p2", at, 80 + slow, "2"),
        span(trace, "4", "p2", at, 50 + slow, "3", span__kind="client"),
        span(trace, "5", "p3", at, 40 + slow, "4", error=bool(slow)),
        span(trace, "6", "p3", at, 5, "5", span__kind="client", peer__service="ledger"),
    ]
    names = ("front", "checkout", "payment")
    processes = {f"p{n}": {"serviceName": name} for n, name in enumerate(names, 1)}
    return {"traceID": trace, "spans": spans, "processes": processes}


def traces(params: Params, began: float = BEGAN.timestamp()) -> dict[str, Any]:
    start, end = int(params["start"]) / 1e6, int(params["end"]) / 1e6
    return {
        "data": [order(n, n * 30.0, began) for n in range(int(start / 30), int(end / 30))][:LIMIT]
    }


def dependencies(_: Params) -> dict[str, Any]:
    told = [("front", "checkout", 900), ("checkout", "payment", 700)]
    return {"data": [{"parent": a, "child": b, "callCount": n} for a, b, n in told]}
