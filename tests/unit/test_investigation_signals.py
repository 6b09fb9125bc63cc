"""Promises of the figures side: tables of every layout, change points, gaps and walks."""

import json

import pytest

from mendwheel.investigation import Case, Exhibit, Finding, conclude, signals
from mendwheel.investigation.change import change_point, shift_of
from mendwheel.investigation.clock import align, onset
from mendwheel.investigation.series import Series
from mendwheel.investigation.tables import read_table

TOPOLOGY = "frontend -> checkout\ncheckout -> postgres\ncheckout -> cache\n"


def case(*exhibits: tuple[str, str, str], title: str = "Shop is slow", **more: object) -> Case:
    body = str(more.pop("body", "since 2024-05-01T10:05:00Z"))
    shown = [Exhibit(id=name, name=name, kind=kind, text=text) for name, kind, text in exhibits]
    return Case.model_validate({"title": title, "body": body, "exhibits": shown, **more})


def long_table(late: dict[str, float], metric: str = "p95_ms", early: float = 50.0) -> str:
    rows = ["time,service,metric,value"]
    for minute in range(10):
        for service in ("frontend", "checkout", "postgres", "cache"):
            value = late.get(service, early) if minute >= 5 else early
            rows.append(f"2024-05-01T10:{minute:02d}:00Z,{service},{metric},{value + minute % 2}")
    return "\n".join(rows)


def strongest(findings: list[Finding]) -> Finding:
    return max(findings, key=lambda f: f.weight)


def test_walk_ends_at_the_callee_that_explains_its_callers() -> None:
    late = {"frontend": 600.0, "checkout": 500.0, "postgres": 420.0}
    found = signals(
        case(("metrics.csv", "metrics", long_table(late)), ("topology.txt", "topology", TOPOLOGY))
    )
    assert strongest(found).component == "postgres"
    assert "frontend -> checkout -> postgres" in strongest(found).statement


def test_walk_stops_at_the_caller_when_no_callee_moved() -> None:
    found = signals(
        case(
            ("metrics.csv", "metrics", long_table({"frontend": 600.0, "checkout": 500.0})),
            ("topology.txt", "topology", TOPOLOGY),
        )
    )
    assert strongest(found).component == "checkout"


def test_a_rarely_called_callee_does_not_take_the_blame_over() -> None:
    rows = ["component,metric,baseline_avg,baseline_stddev,100,400,700,1000"]
    for node, usual, now, calls in (
        ("web", 0.1, 0.3, 1000),
        ("search", 0.01, 0.21, 990),
        ("audit", 1.0, 3.0, 2),
    ):
        rows.append(f"{node},latency,{usual},{usual / 50},{usual},{now},{now},{now}")
        rows.append(f"{node},requests,{calls},1,{calls},{calls},{calls},{calls}")
    ticket = case(
        ("m.csv", "metrics", "\n".join(rows)),
        ("g.txt", "topology", "web -> audit\nweb -> search"),
        title="web answers late",
        body="at unix 1714557900",
        components=["web", "search", "audit"],
    )
    assert conclude(ticket, signals(ticket)).suspects[0].component == "search"


def test_wide_table_names_the_service_whose_cpu_rose() -> None:
    rows = ["time,service,cpu_percent,error_rate,p95_ms"]
    for minute in range(8):
        rows.append(f"10:0{minute}:00,api,{95 if minute > 4 else 20},0.001,50")
        rows.append(f"10:0{minute}:00,web,21,0.001,50")
    found = strongest(signals(case(("metrics.csv", "metrics", "\n".join(rows)))))
    assert (found.component, found.fault) == ("api", "cpu saturation")
    assert found.quote in rows


def test_before_and_during_columns_are_recognised_by_their_words() -> None:
    rows = ["app,kpi,baseline_avg,incident_avg"]
    text = "\n".join([*rows, "a,cpu_used_percent,5,88", "b,cpu_used_percent,5,6"])
    found = signals(case(("m.csv", "metrics", text), faults=["defect in code", "cpu", "network"]))
    assert [(f.component, f.fault) for f in found] == [("a", "cpu")]


@pytest.mark.parametrize(
    "text",
    [
        "link,seen by caller (normal),seen by caller (current),seen by callee (normal),"
        "seen by callee (current)\n"
        "web_mail,0.004,0.81,0.004,0.004\nweb_cart,0.005,0.005,0.004,0.004",
        "from,to,baseline transit ms,incident transit ms\nweb,mail,2.6,510\nweb,cart,2.6,2.9",
    ],
)
def test_time_lost_between_caller_and_callee_is_a_network_fault_of_the_callee(text: str) -> None:
    ticket = case(("c.csv", "traces", text), components=["web", "mail", "cart"])
    assert [(f.component, f.fault) for f in signals(ticket)] == [("mail", "network fault")]


def test_asynchronous_calls_with_negative_gaps_are_no_finding() -> None:
    text = "source,destination,previous overhead ms,current overhead ms\npay,bank,-31.5,6.5"
    assert signals(case(("c.csv", "traces", text))) == []


def test_operation_that_stopped_while_others_kept_pace_points_to_code() -> None:
    rows = ["app,endpoint,requests per s before,requests per s after"]
    rows += [f"s{i % 4},op{i},100,98" for i in range(20)] + ["s1,Charge,40,0"]
    found = signals(case(("ops.csv", "traces", "\n".join(rows))))
    assert [(f.component, f.fault) for f in found] == [("s1", "code defect")]


def test_steady_figures_are_evidence_of_calm() -> None:
    found = signals(case(("metrics.csv", "metrics", long_table({}))))
    assert [f.fault for f in found] == ["healthy"]


def test_json_series_report_first_extreme_and_last_value() -> None:
    text = (
        '{"results":[{"label":"CPUUtilization","unit":"Percent",'
        '"dimensions":[{"Name":"Instance","Value":"till-db"}],'
        '"values":[18,19,20,91,93,95,96,97]}]}'
    )
    found = signals(case(("m.json", "tool_output", text), title="till-db is slow"))
    assert found[0].fault == "cpu saturation"
    assert "rose from 18 to 97, and stood at 97" in found[0].statement


def test_short_outage_that_came_back_is_still_told() -> None:
    values = [84, 86, 85, 83, 0, 0, 84, 85, 86, 85]
    text = json.dumps({"m": [{"metric_name": "DatabaseConnections", "values": values}]})
    statements = [f.statement for f in signals(case(("m.json", "tool_output", text)))]
    assert any("dropped from 84.5 to 0 for 2 samples" in s for s in statements)


def test_top_query_is_news_only_when_the_load_moved() -> None:
    top = [{"query": "SELECT 1", "share": 7.0}, {"query": "x", "share": 1.0}]
    calm, busy = [7.0] * 10, [1.0] * 4 + [7.0] * 6
    weights = []
    for load in (calm, busy):
        text = json.dumps({"cpu load": {"values": load}, "busiest": top})
        found = signals(case(("p.json", "tool_output", text)))
        weights.append(max(f.weight for f in found if "SELECT 1" in f.statement))
    assert weights[0] < 0.5 < weights[1]


def test_change_point_is_where_the_level_moves() -> None:
    assert change_point([1.0, 1.1, 0.9, 1.0, 5.0, 5.1, 4.9]) == 4
    assert change_point([1.0] * 8) is None
    assert change_point([None, 1.0, None]) is None


def test_level_already_high_before_the_onset_is_not_what_broke_it() -> None:
    series = Series("a", "latency", [9.0, 9.1, 9.0, 9.1], [0, 1, 2, 3], 2, usual=1.0, spread=0.1)
    shift = shift_of(series)
    assert shift is not None
    assert abs(shift.score) < 1


def test_onset_is_found_after_since_and_aligned_to_times_of_day() -> None:
    began = onset("Shop degraded since 2023-01-29 14:23:31 (opened 2020-01-01 00:00)")
    assert began is not None
    assert align(began, [14 * 3600.0, 15 * 3600.0]) == 14 * 3600 + 23 * 60 + 31
    assert align(began, [10.0, 20.0]) is None


def test_prose_is_not_a_table() -> None:
    assert read_table("Hello, we have a problem\nplease look, it is slow, thanks") is None
