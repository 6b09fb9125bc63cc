"""Jaeger's API, asked and read: who calls whom, and the deepest dependency that is not well."""

from collections.abc import Iterator
from typing import Any

import pytest

from mendwheel.integrations.senses.fetch import Remote
from mendwheel.integrations.senses.graph import NEIGHBOURS, ServiceGraph
from mendwheel.integrations.senses.spans import read_spans, visits
from mendwheel.integrations.senses.trace_story import worst
from mendwheel.integrations.senses.traces import SLICES, TraceSense
from mendwheel.ports import SenseError
from tests.integrations.telemetry_case import REPORT, TICKET, WINDOW, findings
from tests.integrations.telemetry_server import Raw, TelemetryServer
from tests.integrations.telemetry_traces import dependencies, order, traces


@pytest.fixture
def server() -> Iterator[TelemetryServer]:
    with TelemetryServer().running() as server:
        server.routes["/api/dependencies"] = dependencies
        server.routes["/api/traces"] = traces
        yield server


def sense(server: TelemetryServer, within: float = 10.0) -> TraceSense:
    return TraceSense(Remote("Jaeger", server.url, within=within))


def test_the_graph_has_counts_errors_and_latency(server: TelemetryServer) -> None:
    graph, *_ = sense(server).observe(TICKET, REPORT, "checkout", WINDOW)
    assert graph.media == "topology"
    assert graph.text.splitlines() == [
        "front -> checkout: 900 calls with 0 % errors and 180 ms",
        "checkout -> payment: 700 calls with 25 % errors and 140 ms",
        "payment -> ledger: 240 calls with 0 % errors and 5 ms",
    ]


def test_investigators_walk_to_the_deepest_dependency_that_is_not_well(
    server: TelemetryServer,
) -> None:
    seen = sense(server).observe(TICKET, REPORT, "front", WINDOW)
    found = findings(seen, "front is slow")
    assert found[0].component == "payment"
    assert "front -> checkout -> payment" in found[0].statement


def test_services_are_told_over_time_in_even_slices(server: TelemetryServer) -> None:
    _, services, calls, worst = sense(server).observe(TICKET, REPORT, "checkout", WINDOW)
    asked = [params for path, params, _ in server.asked if path == "/api/traces"]
    assert len(asked) == SLICES
    assert {params["service"] for params in asked} == {"checkout"}
    assert "2026-03-01T11:20:00Z,front,latency mean ms,100\n" in services.text
    assert "2026-03-01T11:30:00Z,front,latency mean ms,500\n" in services.text
    assert "2026-03-01T11:30:00Z,payment,errors percent,100\n" in services.text
    assert "checkout,payment,120,120,50,250,40,240,0,50\n" in calls.text
    assert "failed first in payment GET /p3" in worst.text
    assert f"{server.url}/trace/t" in worst.text


def test_without_a_component_it_begins_where_requests_come_in(server: TelemetryServer) -> None:
    sense(server).observe(TICKET, REPORT, None, WINDOW)
    assert {params.get("service") for _, params, _ in server.asked} == {None, "front"}


def test_a_graph_alone_is_something_and_so_are_traces_alone(server: TelemetryServer) -> None:
    server.routes["/api/traces"] = lambda _: Raw(status=500)
    (graph,) = sense(server).observe(TICKET, REPORT, "checkout", WINDOW)
    assert "checkout -> payment: 700 calls" in graph.text
    assert "12 of 12 questions for traces were not answered" in graph.title
    server.routes["/api/traces"] = traces
    server.routes["/api/dependencies"] = lambda _: Raw(b"404 page not found", status=404)
    graph, *_ = sense(server).observe(TICKET, REPORT, "checkout", WINDOW)
    assert "checkout -> payment: 240 calls" in graph.text


def test_the_graph_tells_what_a_component_depends_on(server: TelemetryServer) -> None:
    graph = ServiceGraph(Remote("Jaeger", server.url))
    assert graph.callees("front", WINDOW) == ["checkout", "payment"]
    assert graph.callees("payment", WINDOW) == []
    ring = [{"parent": str(n), "child": str((n + 1) % 40), "callCount": 1} for n in range(40)]
    server.routes["/api/dependencies"] = lambda _: {"data": ring}
    assert graph.callees("7", WINDOW) == [str(n) for n in range(8, 8 + NEIGHBOURS)]
    server.routes["/api/dependencies"] = lambda _: Raw(status=500)
    assert graph.callees("front", WINDOW) == []


def test_a_service_that_is_not_traced_is_told_with_those_that_are(server: TelemetryServer) -> None:
    server.routes["/api/traces"] = lambda _: {"data": []}
    with pytest.raises(SenseError, match="no traces of cart: it knows checkout, front, payment"):
        sense(server).observe(TICKET, REPORT, "cart", WINDOW)


def test_a_server_that_hangs_costs_one_deadline_for_all_questions(server: TelemetryServer) -> None:
    server.routes["/api/traces"] = server.routes["/api/dependencies"] = lambda _: Raw(hang=True)
    with pytest.raises(SenseError, match=r"did not answer within 0\.3 s"):
        sense(server, within=0.3).observe(TICKET, REPORT, "checkout", WINDOW)


@pytest.mark.parametrize("answer", ["text", {"data": "text"}, {"data": {"a": 1}}])
def test_an_answer_of_another_shape_is_refused(server: TelemetryServer, answer: Any) -> None:
    server.routes["/api/traces"] = lambda _: answer
    with pytest.raises(SenseError, match="shape that is not that of its API"):
        sense(server).observe(TICKET, REPORT, "checkout", WINDOW)


def test_malformed_spans_are_left_out_and_repeated_ones_count_once() -> None:
    good = order(1, 0.0)
    bad = {"spans": [None, {}, {"traceID": "x", "spanID": "y"}, 7], "processes": {"p1": None}}
    spans = read_spans([good, good, bad, None, {"spans": {}}])
    assert len(spans) == 6
    assert [visit.service for visit in visits(spans)] == ["front", "checkout", "payment", "ledger"]


@pytest.mark.parametrize("moment", [1e300, 1e18, -1e18, float("nan"), float("inf")])
def test_a_span_at_no_moment_takes_no_other_with_it(moment: float) -> None:
    good, bad = order(1, 0.0), order(2, 0.0)
    for span in bad["spans"]:
        span["startTime"] = moment
    spans = read_spans([bad, good])
    assert len(spans) == 6
    assert worst(spans, "").count("\n") == 0


def test_names_cannot_break_the_lines_they_stand_in() -> None:
    trace = order(1, 0.0)
    trace["processes"]["p1"]["serviceName"] = "a -> b: x,\ny;z"
    assert read_spans([trace])[0].service == "a - b: x y z"
