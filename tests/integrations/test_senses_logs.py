"""Logs from files and from Loki: lines of the window, kinds of message compared, bursts."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mendwheel.domain.observation import Observation
from mendwheel.integrations.senses import logs as files
from mendwheel.integrations.senses.fetch import Remote
from mendwheel.integrations.senses.log_lines import Clock, LogLine, read_line
from mendwheel.integrations.senses.log_story import kind_of, story
from mendwheel.integrations.senses.logs import LogFileSense
from mendwheel.integrations.senses.loki import LIMIT, SLICES, LokiSense
from mendwheel.ports import SenseError
from tests.integrations.telemetry_case import BEGAN, REPORT, START, TICKET, WINDOW, findings
from tests.integrations.telemetry_server import Params, TelemetryServer

LOKI = "/loki/api/v1/query_range"
MOMENT = datetime(2026, 3, 1, 11, 30, 5, tzinfo=UTC).timestamp()


def ordinary() -> list[tuple[datetime, str]]:
    """A line every ten seconds for a day; from `BEGAN` on one in two is an error of a new kind."""
    told = []
    for number in range(24 * 360):
        at = START - timedelta(hours=20) + timedelta(seconds=10 * number)
        text = f"INFO order {number} was placed by customer {number % 7}"
        if at >= BEGAN and number % 2:
            text = f"ERROR payment of order {number} failed: connection refused to 10.0.0.{number}"
        told.append((at, text))
    return told


def written(folder: Path, name: str = "checkout.log") -> Path:
    path = folder / name
    lines = [f"{at.isoformat()} {text}" for at, text in ordinary()]
    path.write_text("\n".join(lines), "utf-8")
    return path


def look(path: Path, component: str | None = "checkout") -> list[Observation]:
    return LogFileSense([path]).observe(TICKET, REPORT, component, WINDOW)


def test_lines_of_the_window_are_told_and_no_others(tmp_path: Path) -> None:
    lines, kinds, bursts = look(written(tmp_path))
    told = lines.text.splitlines()
    assert told[0].startswith("2026-03-01T11:00:00")
    assert told[-1].startswith("2026-03-01T11:59:50")
    assert len(told) == 360
    assert lines.title == "logs: 360 lines, 90 with error"
    assert [lines.media, kinds.media, bursts.media] == ["logs", "logs", "metrics"]


def test_new_and_vanished_kinds_of_message_are_compared(tmp_path: Path) -> None:
    _, kinds, _ = look(written(tmp_path))
    assert kinds.text.splitlines()[0] == "component,message,lines before,lines now"
    placed, failed = sorted(kinds.text.splitlines()[1:], reverse=True)
    assert placed == "checkout,<*> INFO order <*> was placed by customer <*>,360,270"
    assert failed.endswith("failed: connection refused to <*>,0,90")


def test_investigators_find_the_new_error_and_its_burst(tmp_path: Path) -> None:
    found = findings(look(written(tmp_path)))
    assert any("now logs (0 before, 90 now)" in each.statement for each in found)
    assert any("error lines per minute of checkout rose" in each.statement for each in found)


def test_a_large_file_is_read_only_where_it_matters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    assert path.stat().st_size > 6 * files._BLOCK
    monkeypatch.setattr(files, "_BLOCK", 8_192)
    monkeypatch.setattr(files, "READ", 300_000)  # less than the file
    lines, *_ = look(path)
    assert len(lines.text.splitlines()) == 360


def test_of_too_many_lines_errors_and_the_latest_are_shown() -> None:
    start = START.timestamp()
    lines = [LogLine(start + n / 5, "cart", f"tick {n} {'.' * 300}") for n in range(12_000)]
    lines[10] = LogLine(start, "cart", "ERROR early on")
    shown, kinds, _ = story("logs", lines, WINDOW)
    told = shown.text.splitlines()
    assert told[0] == "ERROR early on"
    assert told[-1].startswith("tick 11999 ")
    assert len(shown.text) < 1_500_000
    assert "cart,tick <*> ....................................................." in kinds.text


def test_a_cut_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LINES", 500)
    lines, *_ = look(written(tmp_path))
    assert lines.title.endswith("; checkout.log read in part")


def test_a_folder_is_searched_for_logs_written_since(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, "cart.log.1")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    old = written(tmp_path, "old.log")
    os.utime(old, (START.timestamp() - 9e4,) * 2)
    lines, kinds, _ = look(tmp_path)
    assert {line.split(",")[0] for line in kinds.text.splitlines()[1:]} == {"cart", "checkout"}
    assert lines.text.splitlines()[0].startswith(("cart: ", "checkout: "))


def test_binary_and_colours_are_taken_out_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "checkout.log"
    path.write_bytes(
        b"2026-03-01T11:30:00Z \x1b[31mERROR\x1b[0m disk\x00 \xff\xfe full\n\x00\x01\n"
    )
    lines, *_ = look(path)
    assert lines.text.splitlines()[0] == "2026-03-01T11:30:00Z ERROR disk \ufffd full"


def test_no_file_no_line_and_no_right_to_read_are_said(tmp_path: Path) -> None:
    with pytest.raises(SenseError, match="No such file or directory: correct logs_paths"):
        look(tmp_path / "nothing.log")
    (tmp_path / "plain.log").write_text("a line without a time\n")
    with pytest.raises(SenseError, match=r"plain\.log has no lines that begin with a time"):
        look(tmp_path / "plain.log")


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-01T11:30:05Z x",
        "2026-03-01 11:30:05,000 x",
        "[2026-03-01T12:30:05+01:00] x",
        '10.0.0.1 - - [01/Mar/2026:11:30:05 +0000] "GET / HTTP/1.1" 500 3',
        "Mar  1 11:30:05 host app[1]: x",
        "1772364605 x",
        "1772364605000 x",
        '{"ts": 1772364605.0, "msg": "x"}',
        '{"@timestamp": "2026-03-01T11:30:05.000Z", "msg": "x"}',
    ],
)
def test_moments_are_read_in_the_usual_notations(line: str) -> None:
    assert read_line(line, Clock(now=MOMENT + 60)) == (MOMENT, None)


@pytest.mark.parametrize("line", ["", "x", "{", "[1]", '{"ts": true}', "2026-02-31T00:00:00Z"])
def test_a_line_without_a_moment_has_none(line: str) -> None:
    assert read_line(line, Clock(now=MOMENT)) == (None, None)


def test_a_clock_in_another_zone_is_read_by_the_zone_that_is_set(tmp_path: Path) -> None:
    path = tmp_path / "checkout.log"
    path.write_text("2026-03-01 13:30:00 ERROR no zone\n2026-03-01T11:30:01Z ERROR with one\n")
    sense = LogFileSense([path], ZoneInfo("Europe/Helsinki"))
    lines, *_ = sense.observe(TICKET, REPORT, None, WINDOW)
    assert len(lines.text.splitlines()) == 2
    path.write_text("2026-03-01 13:30:00 ERROR no zone\n")
    with pytest.raises(SenseError, match=r"ends at 2026-03-01T13:30:00Z: see logs_zone"):
        look(path)


def test_a_month_without_a_year_is_not_in_the_future() -> None:
    january = datetime(2026, 1, 2, tzinfo=UTC).timestamp()
    moment, _ = read_line("Dec 31 23:59:59 host x", Clock(now=january))
    assert moment == datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "part", [".", "'", "'a", '"1 ', "1.", "a1", "<*> ", "2026-", "1234567890 "]
)
def test_no_line_takes_long_to_be_read(part: str) -> None:
    line = part * (4000 // len(part))
    began = time.process_time()
    for _ in range(200):
        kind_of(line)
        read_line(line, Clock(now=MOMENT))
    assert time.process_time() - began < 0.4


def test_kinds_differ_in_words_and_not_in_values() -> None:
    assert kind_of('took 31ms for "ada" at 0x7f') == kind_of('took 7ms for "bob" at 0x80')
    assert kind_of("took 31ms") != kind_of("lost 31ms")


@pytest.fixture
def server() -> Iterator[TelemetryServer]:
    with TelemetryServer().running() as server:
        yield server


def loki(server: TelemetryServer) -> LokiSense:
    return LokiSense(Remote("Loki", server.url), '{{label}=~"{component}"}', "app")


def streams(params: Params) -> dict[str, Any]:
    start, end = int(params["start"]), int(params["end"])
    values = [
        [str(int(at.timestamp() * 1e9)), text]
        for at, text in ordinary()
        if start <= int(at.timestamp() * 1e9) < end
    ]
    result = [{"stream": {"app": "checkout"}, "values": values[: int(params["limit"])]}]
    return {"status": "success", "data": {"resultType": "streams", "result": result}}


def test_loki_is_asked_in_even_slices_and_read_like_a_file(server: TelemetryServer) -> None:
    server.routes[LOKI] = streams
    lines, kinds, _ = loki(server).observe(TICKET, REPORT, "check.out", WINDOW)
    assert len(server.asked) == SLICES
    assert {params["query"] for _, params, _ in server.asked} == {'{app=~"check\\\\.out"}'}
    assert lines.title == "Loki: 360 lines, 90 with error"
    assert ",0,90" in kinds.text


def test_a_slice_that_holds_more_than_was_asked_for_is_told(server: TelemetryServer) -> None:
    def many(params: Params) -> dict[str, Any]:
        values = [[params["start"], f"line {n}"] for n in range(LIMIT)]
        data = {"resultType": "streams", "result": [{"stream": {}, "values": values}]}
        return {"data": data}

    server.routes[LOKI] = many
    lines, *_ = loki(server).observe(TICKET, REPORT, "checkout", WINDOW)
    assert lines.title.endswith("10 of 10 slices hold more than 1000 lines")


def test_no_more_lines_are_taken_than_were_asked_for(server: TelemetryServer) -> None:
    def flood(params: Params) -> dict[str, Any]:
        values = [[params["start"], "line"]] * (2 * LIMIT)
        result = [{"stream": {}, "values": values}] * 2
        return {"data": {"resultType": "streams", "result": result}}

    server.routes[LOKI] = flood
    _, kinds, *_ = loki(server).observe(TICKET, REPORT, "checkout", WINDOW)
    assert (
        kinds.title == f"Loki: kinds of message, {5 * LIMIT:,} lines before and {5 * LIMIT:,} now"
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ([], "answered in a shape"),
        ({"data": {"resultType": "matrix"}}, "must select lines"),
        ({"data": {"resultType": "streams", "result": []}}, "has no lines of checkout"),
        (
            {
                "data": {
                    "resultType": "streams",
                    "result": [{"stream": {}, "values": [["9" * 400, "late"]]}],
                }
            },
            "answered in a shape",
        ),
    ],
)
def test_what_loki_may_not_answer_is_an_error(
    server: TelemetryServer, answer: Any, told: str
) -> None:
    server.routes[LOKI] = lambda _: answer
    with pytest.raises(SenseError, match=told):
        loki(server).observe(TICKET, REPORT, "checkout", WINDOW)
