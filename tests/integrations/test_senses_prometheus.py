"""Prometheus' API, asked and read: gaps stay gaps, names stay names."""

from collections.abc import Iterator
from typing import Any

import pytest

from mendwheel.domain.observation import Window
from mendwheel.integrations.senses.fetch import Remote
from mendwheel.integrations.senses.matching import fill
from mendwheel.integrations.senses.matrix import SERIES_READ, read_matrix
from mendwheel.integrations.senses.prometheus import PrometheusSense
from mendwheel.ports import SenseError
from mendwheel.settings_senses import PROMETHEUS_QUERIES
from tests.integrations.telemetry_case import BEGAN, REPORT, TICKET, WINDOW, findings
from tests.integrations.telemetry_server import Params, Raw, TelemetryServer

PATH = "/api/v1/query_range"


@pytest.fixture
def server() -> Iterator[TelemetryServer]:
    with TelemetryServer().running() as server:
        yield server


def sense(server: TelemetryServer, **queries: str) -> PrometheusSense:
    return PrometheusSense(Remote("Prometheus", server.url), queries or {"cpu": "cpu"}, "job")


def matrix(*series: tuple[dict[str, str], list[Any]]) -> dict[str, Any]:
    result = [{"metric": labels, "values": values} for labels, values in series]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def grid(params: Params) -> list[int]:
    return list(range(int(params["start"]), int(params["end"]) + 1, int(params["step"])))


def stepped(params: Params) -> dict[str, Any]:
    """0.2 until trouble begins, 3 afterwards."""
    began = BEGAN.timestamp()
    values = [[at, "0.2" if at < began else "3"] for at in grid(params)]
    return matrix(({"job": "checkout"}, values))


def test_window_and_as_long_before_it_are_asked_for_in_bounded_steps(
    server: TelemetryServer,
) -> None:
    server.routes[PATH] = stepped
    (seen,) = sense(server).observe(TICKET, REPORT, "checkout", WINDOW)
    ((_, params, _),) = server.asked
    assert int(params["end"]) - int(params["start"]) == 2 * 3600
    assert len(grid(params)) <= 241
    assert seen.media == "metrics"
    assert seen.window is not None
    assert seen.window.end == WINDOW.end
    assert seen.text.startswith(
        "time,component,metric,value\n2026-03-01T10:00:00Z,checkout,cpu,0.2"
    )


def test_investigators_find_when_a_signal_moved(server: TelemetryServer) -> None:
    server.routes[PATH] = stepped
    looked = sense(server, **{"latency p95 seconds": "l"})
    found = findings(looked.observe(TICKET, REPORT, "checkout", WINDOW))
    assert found[0].component == "checkout"
    assert "latency p95 seconds of checkout rose" in found[0].statement
    assert "2026-03-01T11:30:00Z" in found[0].quote


def test_what_is_missing_or_not_a_number_stays_a_gap(server: TelemetryServer) -> None:
    def holed(params: Params) -> dict[str, Any]:
        moments = grid(params)
        told = ["1", "NaN", "+Inf", None, "-Inf", "2"]
        pairs = zip(moments, told, strict=False)
        return matrix(({"job": "checkout"}, [[at, text] for at, text in pairs if text]))

    server.routes[PATH] = holed
    (seen,) = sense(server).observe(TICKET, REPORT, "checkout", WINDOW)
    values = [line.rsplit(",", 1)[1] for line in seen.text.splitlines()[1:]]
    assert values[:6] == ["1", "", "", "", "", "2"]
    assert set(values[6:]) == {""}


def test_a_query_that_fails_does_not_take_the_others_along(server: TelemetryServer) -> None:
    def answer(params: Params) -> Any:
        if params["query"] == "bad":
            return Raw(b'{"error":"parse error"}', status=400)
        return stepped(params)

    server.routes[PATH] = answer
    seen = sense(server, errors="bad", cpu="good").observe(TICKET, REPORT, "checkout", WINDOW)
    assert [each.title for each in seen] == ["Prometheus: cpu of checkout"]
    with pytest.raises(SenseError, match="parse error"):
        sense(server, errors="bad").observe(TICKET, REPORT, "checkout", WINDOW)


def test_nothing_known_of_a_component_is_an_error_and_not_health(server: TelemetryServer) -> None:
    server.routes[PATH] = lambda _: matrix()
    with pytest.raises(SenseError, match="has no series of checkout: fit prometheus_label"):
        sense(server).observe(TICKET, REPORT, "checkout", WINDOW)


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"data": None}, matrix(({}, [["x", "y"]])), {"data": {"resultType": "vector"}}],
)
def test_an_answer_of_another_shape_is_refused(server: TelemetryServer, answer: Any) -> None:
    server.routes[PATH] = lambda _: answer
    with pytest.raises(SenseError, match="Prometheus answered"):
        sense(server).observe(TICKET, REPORT, "checkout", WINDOW)


def test_series_of_pods_keep_apart_and_those_that_moved_come_first(
    server: TelemetryServer,
) -> None:
    def pods(params: Params) -> dict[str, Any]:
        calm = [({"pod": f"shop-{n}"}, [[at, "1"] for at in grid(params)]) for n in range(60)]
        return matrix(*calm, ({"pod": "cart-0"}, stepped(params)["data"]["result"][0]["values"]))

    server.routes[PATH] = pods
    (seen,) = sense(server).observe(TICKET, REPORT, None, WINDOW)
    assert seen.title == "Prometheus: cpu of 40 series"
    assert seen.text.splitlines()[1].split(",")[1] == "cart-0"


def test_a_link_leads_to_the_graph_of_the_query(server: TelemetryServer) -> None:
    server.routes[PATH] = stepped
    (seen,) = sense(server, cpu='x{a="{component}"}').observe(TICKET, REPORT, "a b", WINDOW)
    assert seen.url == (
        f"{server.url}/graph?g0.expr=x%7Ba%3D%22a+b%22%7D&g0.tab=0&g0.range_input=7200s"
        "&g0.end_input=2026-03-01+12%3A00%3A00"
    )


@pytest.mark.parametrize(
    ("template", "component", "query"),
    [
        ('up{{label}="{component}"}', "cart", 'up{job="cart"}'),
        ('up{{label}="{component}"}', None, None),
        ('up{{label}=~"{component}"}', None, 'up{job=~".+"}'),
        ('up{{label}=~"{component}"}', "a.b|c", 'up{job=~"a\\\\.b\\\\|c"}'),
        ('up{{label}=~"{component}"}', '"} or up{x="', 'up{job=~"\\"\\\\} or up\\\\{x=\\""}'),
        ('up{{label}="{component}"}', 'x\\"\n', 'up{job="x\\\\\\"\\U0000000a"}'),
        ("up{{label}='{component}'}", "it's", "up{job='it\\'s'}"),
        ("up{{label}=~`{component}`}", "a`.b", "up{job=~`a\\.b`}"),
        ('{{label}="x"} |~ "{component}"', "a(", '{job="x"} |~ "a\\\\("'),
    ],
)
def test_a_name_can_never_become_a_query(
    template: str, component: str | None, query: str | None
) -> None:
    assert fill(template, "job", [component] if component else []) == query


class Downstream:
    """A graph that is known beforehand."""

    def callees(self, component: str, window: Window) -> list[str]:
        return ["payment", "led.ger"]


def test_what_a_component_depends_on_is_asked_for_too(server: TelemetryServer) -> None:
    server.routes[PATH] = stepped
    queries = {"a": 'x{a=~"{component}"}', "b": 'x{a="{component}"}'}
    remote = Remote("Prometheus", server.url)
    PrometheusSense(remote, queries, "job", Downstream()).observe(TICKET, REPORT, "cart", WINDOW)
    assert sorted(params["query"] for _, params, _ in server.asked) == [
        'x{a="cart"}',
        'x{a=~"(?:cart|payment|led\\\\.ger)"}',
    ]


def test_default_queries_do_without_a_component() -> None:
    assert all(fill(query, "job", []) for query in PROMETHEUS_QUERIES.values())


def test_a_million_series_take_no_more_room_than_some() -> None:
    few = {"metric": {}, "values": [["0", "1"]]}
    answer = {"data": {"resultType": "matrix", "result": [few] * 100_000}}
    assert len(read_matrix("Prometheus", answer, 0, 15, 240, "job", "all")) == SERIES_READ


@pytest.mark.parametrize("moment", [float("inf"), "1e999", "NaN"])
def test_a_sample_at_no_moment_is_another_shape(moment: object) -> None:
    series = [{"metric": {}, "values": [[moment, "1"]]}]
    answer = {"data": {"resultType": "matrix", "result": series}}
    with pytest.raises(SenseError, match="shape"):
        read_matrix("Prometheus", answer, 0, 15, 240, "job", "all")
