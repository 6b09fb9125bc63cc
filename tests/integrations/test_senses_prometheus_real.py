"""Prometheus as Debian ships it, with a day that went wrong in its store."""

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.integrations.senses.fetch import Remote
from mendwheel.integrations.senses.prometheus import PrometheusSense
from mendwheel.ports import SenseError
from mendwheel.settings_senses import PROMETHEUS_QUERIES
from tests.debian import Monitoring, monitoring
from tests.integrations.served_app import free_port
from tests.integrations.telemetry_case import BEGAN, REPORT, START, TICKET, WINDOW, findings

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]

__all__ = ["monitoring"]

NAMES = ('pay.v2"eu', 'payxv2"eu')
"""The first goes wrong; the second is what it would match if it were taken for an expression."""

STEP = 15


@pytest.fixture(scope="module")
def url(monitoring: Monitoring, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, program = tmp_path_factory.mktemp("prometheus"), monitoring.prometheus
    (folder / "day.txt").write_text("\n".join(day()))
    promtool = program.path.with_name("promtool")
    filled = [promtool, "tsdb", "create-blocks-from", "openmetrics", "day.txt", "data"]
    subprocess.run(filled, cwd=folder, check=True, capture_output=True, timeout=30)
    (folder / "prometheus.yml").write_text("global: {}\n")
    port = free_port()
    flags = [
        f"--web.listen-address=127.0.0.1:{port}",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program.path, *flags], cwd=program.folder, stdout=log, stderr=log
        )
    try:
        await_ready(f"http://127.0.0.1:{port}", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def await_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, f"it ended by itself: {log.read_text()[-500:]}"
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"not ready: {log.read_text()[-500:]}")


def day() -> Iterator[str]:
    """Four hours of two services in OpenMetrics: the first fails half its requests from `BEGAN`."""
    began = int(BEGAN.timestamp())
    moments = range(int(START.timestamp()) - 2 * 3600, int(WINDOW.end.timestamp()), STEP)
    for metric, kind in (
        ("up", "gauge"),
        ("process_resident_memory_bytes", "gauge"),
        ("http_requests", "counter"),
    ):
        yield f"# TYPE {metric} {kind}"
        for name in NAMES:
            label = f'job="{name.replace(chr(34), chr(92) + chr(34))}"'
            wrong = name == NAMES[0]
            for count, at in enumerate(moments):
                after = max(0, (at - began) // STEP + 1) if wrong else 0
                if metric == "up":
                    yield f"up{{{label}}} 1 {at}"
                elif metric == "process_resident_memory_bytes":
                    yield f"{metric}{{{label}}} {1e8 + 1e7 * after} {at}"
                elif count % 240:  # a process that starts anew begins to count at nothing
                    ok = 150 * (count % 240) - 75 * min(after, count % 240)
                    yield f'http_requests_total{{{label},code="200"}} {ok} {at}'
            if metric == "http_requests" and wrong:
                for at in moments[(began - moments[0]) // STEP :]:
                    failed = 75 * ((at - began) // STEP + 1)
                    yield f'http_requests_total{{{label},code="503"}} {failed} {at}'
    yield "# EOF"


def test_the_default_queries_show_what_went_wrong(url: str) -> None:
    sense = PrometheusSense(Remote("Prometheus", url), PROMETHEUS_QUERIES, "job")
    seen = sense.observe(TICKET, REPORT, NAMES[0], WINDOW)
    assert {each.title for each in seen} == {
        f"Prometheus: {metric} of {NAMES[0]}"
        for metric in (
            *("errors percent", "traffic requests per second"),
            *("saturation memory bytes", "availability percent"),
        )
    }
    assert not [each for each in seen if NAMES[1].replace('"', '""') in each.text]
    told = [each.statement for each in findings(seen)]
    assert any(f"errors percent of {NAMES[0]} rose" in each for each in told)
    assert any(f"memory bytes of {NAMES[0]} rose" in each for each in told)


def test_a_counter_that_starts_anew_is_no_drop_in_traffic(url: str) -> None:
    sense = PrometheusSense(Remote("Prometheus", url), PROMETHEUS_QUERIES, "job")
    seen = sense.observe(TICKET, REPORT, NAMES[1], WINDOW)
    traffic = next(each for each in seen if "traffic" in each.title)
    values = [line.rsplit(",", 1)[1] for line in traffic.text.splitlines()[1:]]
    assert min(float(value) for value in values if value) > 8


def test_a_query_that_prometheus_refuses_is_told_in_its_words(url: str) -> None:
    sense = PrometheusSense(Remote("Prometheus", url), {"cpu": "sum by ("}, "job")
    with pytest.raises(SenseError, match=r"Prometheus answered 400: it says: .*parse error"):
        sense.observe(TICKET, REPORT, "checkout", WINDOW)
    sense = PrometheusSense(Remote("Prometheus", url), PROMETHEUS_QUERIES, "job")
    with pytest.raises(SenseError, match="has no series of unheard-of"):
        sense.observe(TICKET, REPORT, "unheard-of", WINDOW)
