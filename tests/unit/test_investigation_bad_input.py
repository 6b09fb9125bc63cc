"""Promises about damaged evidence: gaps, resets, skewed clocks, binary noise, too much of it."""

import json
import math
import random
import time
import tracemalloc
from collections.abc import Sequence

import pytest

from mendwheel.investigation import Case, Exhibit, Finding, conclude, records, signals
from mendwheel.investigation.clock import unwrapped
from mendwheel.investigation.counters import is_counter, rates
from mendwheel.investigation.figures import amount, unit_of
from mendwheel.investigation.reading import open_exhibit


def ticket(*exhibits: tuple[str, str, str], **more: object) -> Case:
    shown = [Exhibit(id=name, name=name, kind=kind, text=text) for name, kind, text in exhibits]
    return Case.model_validate({"title": "t", "body": "", "exhibits": shown, **more})


def found(case: Case) -> list[Finding]:
    return signals(case) + records(case)


def minute(at: int) -> str:
    return f"2024-05-01T{(540 + at) // 60:02}:{at % 60:02}:00Z"


def table(measure: str, values: dict[str, Sequence[object]], start: int = 0) -> str:
    rows = [f"time,service,{measure}"]
    for name, series in values.items():
        rows += [f"{minute(start + i)},{name},{value}" for i, value in enumerate(series)]
    return "\n".join(rows) + "\n"


CALM: Sequence[object] = [20, 21, 19, 20, 22, 20, 19, 21, 20, 20]
HOT: Sequence[object] = [20, 21, 19, 20, 22, 96, 97, 95, 98, 97]
BEGAN = "degraded since 2024-05-01T09:05:00Z"


def cpu_case(hot: Sequence[object], start: int = 0) -> Case:
    text = table("cpu_percent", {"web": CALM, "pay": hot, "cat": CALM}, start)
    return ticket(("m.csv", "metrics", text), body=BEGAN, components=["web", "pay", "cat"])


def top(case: Case) -> tuple[str | None, str | None]:
    first = conclude(case, found(case)).suspects[0]
    return first.component, first.fault


def test_gaps_and_not_a_number_do_not_hide_what_rose() -> None:
    gappy = ["", "NaN", 19, "null", 22, 96, "inf", "", 98, "-"]
    assert top(cpu_case(gappy)) == ("pay", "cpu saturation")


def test_metrics_only_of_gaps_accuse_nobody() -> None:
    assert found(cpu_case(["NaN"] * 10)) == found(cpu_case([""] * 10))
    assert all(f.component != "pay" for f in found(cpu_case(["NaN"] * 10)))


@pytest.mark.parametrize("skew", [-3, -2, -1, 1, 2, 3])
def test_source_whose_clock_is_minutes_off_still_shows_the_cause(skew: int) -> None:
    assert top(cpu_case(HOT, start=skew)) == ("pay", "cpu saturation")


def test_rows_in_any_order_and_twice_give_the_same_findings() -> None:
    case = cpu_case(HOT)
    header, *rows = case.exhibits[0].text.splitlines()
    mixed = random.Random(3).sample(rows + rows, 2 * len(rows))
    other = ticket(
        ("m.csv", "metrics", "\n".join([header, *mixed])), body=BEGAN, components=case.components
    )
    assert [f.statement for f in signals(other)] == [f.statement for f in signals(case)]


def test_bare_times_go_on_after_midnight() -> None:
    assert unwrapped([86_280.0, 86_340.0, 0.0, 60.0]) == [86_280.0, 86_340.0, 86_400.0, 86_460.0]
    rows = [f"23:5{m},pay,20" for m in range(4, 10)] + [f"00:0{m},pay,97" for m in range(4)]
    case = ticket(
        ("m.csv", "metrics", "time,service,cpu_percent\n" + "\n".join(rows)),
        body="since 2024-05-02T00:00:00Z",
    )
    (hot,) = signals(case)
    assert "from 20 % to 97 %" in hot.statement
    assert "between 00:00 and 00:03, baseline 23:54–23:59" in hot.statement


def test_restart_of_a_counter_is_not_a_fall_of_its_rate() -> None:
    counter = [600, 660, 720, 780, 840, 60, 120, 180, 240, 300]
    case = ticket(("m.csv", "metrics", table("errors_total", {"pay": counter})), body=BEGAN)
    assert [f for f in signals(case) if f.component == "pay"] == []


def test_counter_that_grows_faster_is_a_rise_of_its_rate() -> None:
    steps = [6, 6, 6, 6, 6, 600, 600, 600, 600]
    counter: Sequence[object] = [100 + sum(steps[:i]) for i in range(10)]
    text = table("errors_total", {"web": list(range(0, 60, 6)), "pay": counter})
    (rise,) = [f for f in signals(ticket(("m.csv", "metrics", text), body=BEGAN)) if f.component]
    assert rise.component == "pay"
    assert "from 0.1/s to" in rise.statement


def test_counters_are_told_by_name_and_by_how_they_behave() -> None:
    assert is_counter("http_requests_total", [1.0, 5.0, 9.0, 2.0, 6.0])
    assert not is_counter("http_requests_total", [5.0, 1.0, 6.0, 2.0, 7.0, 1.0])
    assert not is_counter("queue_length", [1.0, 2.0, 3.0, 4.0])
    assert rates([10.0, 70.0, None, 30.0, 90.0], [0.0, 60.0, 120.0, 180.0, 240.0]) == [
        None,
        1.0,
        None,
        None,
        1.0,
    ]


def test_figures_carry_their_unit_and_their_windows() -> None:
    values: Sequence[object] = [0.04] * 5 + [0.9] * 5
    case = ticket(("m.csv", "metrics", table("p99_latency_seconds", {"web": values})), body=BEGAN)
    (slow,) = signals(case)
    assert "rose from 40 ms to 900 ms" in slow.statement
    assert "between 09:05 and 09:09, baseline 09:00–09:04" in slow.statement


@pytest.mark.parametrize(
    ("measure", "unit"),
    [("Latency(s)", "s"), ("p50_ms", "ms"), ("CPU %", "%"), ("rss_bytes", "B"), ("requests", "")],
)
def test_unit_is_what_the_name_of_a_measure_states(measure: str, unit: str) -> None:
    assert unit_of(measure) == unit


def test_amounts_are_said_as_people_say_them() -> None:
    assert [amount(0.04, "s"), amount(3.2e9, "B"), amount(45_000, "ms"), amount(7, "")] == [
        "40 ms",
        "3.2 GB",
        "45 s",
        "7",
    ]


NOISE = "".join(chr(random.Random(5).randrange(256)) for _ in range(4000))
ERROR = "10:00:01 pay ERROR connection pool exhausted: 20 of 20 in use"


@pytest.mark.parametrize(
    "text",
    [
        f"{NOISE}\n\x1b[31m{ERROR}\x1b[0m\n{NOISE}\n",
        f"\x00\x01{ERROR}\x07\n",
        b"\xff\xfe bad bytes\n".decode("utf-8", "replace") + ERROR,
        b"\xff\xfe bad bytes\n".decode("utf-8", "surrogateescape") + ERROR,
    ],
    ids=["ANSI and binary", "control characters", "replaced bytes", "escaped bytes"],
)
def test_error_is_read_through_noise_around_it(text: str) -> None:
    case = ticket(("app.log", "logs", text), components=["pay"])
    conclusion = conclude(case, found(case))
    assert conclusion.suspects[0].fault == "connection exhaustion"
    assert "\x1b" not in conclusion.summary
    assert "\x00" not in conclusion.summary
    conclusion.summary.encode()


def test_empty_exhibits_leave_nothing_to_say() -> None:
    case = ticket(*((f"{kind}.txt", kind, "") for kind in ("metrics", "logs", "changes")))
    conclusion = conclude(case, found(case))
    assert (conclusion.suspects, conclusion.healthy, conclusion.confidence) == ([], False, 0.0)


def test_fifty_megabytes_take_bounded_time_and_memory_and_the_end_is_read() -> None:
    line = "10:00:00 web INFO request 12345 served in 12 ms for some customer\n"
    text = line * (50_000_000 // len(line)) + ERROR + "\n"
    case = ticket(("app.log", "logs", text), components=["pay", "web"])
    tracemalloc.start()
    began = time.process_time()
    findings = found(case)
    spent = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert findings[0].component == "pay"
    assert spent < 10
    assert peak < 60_000_000


def test_weights_stay_numbers_between_nothing_and_one() -> None:
    wild: Sequence[object] = [1e-300, 1e99, -1e99, 0, 1, 2, 3, 1e98, 5, 6]
    for finding in found(cpu_case(wild)):
        assert 0 <= finding.weight <= 1
        assert math.isfinite(finding.weight)


def test_header_of_a_tool_is_taken_off_but_json_lines_are_all_kept() -> None:
    header = json.dumps({"command": "kubectl logs pay", "return_code": 0, "status": "success"})
    with_header = open_exhibit(Exhibit(id="x", name="x", kind="logs", text=f"{header}\n{ERROR}"))
    assert (with_header.body, with_header.command) == (ERROR, "kubectl logs pay")
    line = json.dumps({"query": "SELECT 1", "error": "connection refused"})
    lines = open_exhibit(Exhibit(id="x", name="x", kind="logs", text=f"{line}\n{line}\n"))
    assert lines.body.count(line) == 2
    rows = json.dumps({"query": "SELECT 1", "error": None, "rows": [1, 2]})
    assert open_exhibit(Exhibit(id="x", name="x", kind="rows", text=rows)).data is not None
