"""The doctor reaches each sense within a second, starts nothing, and names what is at hand."""

import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from mendwheel.cli.at_hand import Neighbour, at_hand
from mendwheel.cli.checks import Check
from mendwheel.cli.sense_checks import senses
from mendwheel.settings import Settings, SettingsError
from tests.integrations.sense_site import Route, Site, drips, says


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as site:
        yield site


@pytest.fixture(autouse=True)
def _no_cluster_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


def _checks(**given: Any) -> dict[str, Check]:
    return {check.name: check for check in senses(Settings(**given))}


def test_nothing_configured_is_nothing_checked() -> None:
    assert senses(Settings()) == []


def test_probes_say_what_answers_otherwise(site: Site) -> None:
    site.routes["/up"] = says("")
    found = _checks(
        probes=[
            {"component": "a", "url": f"{site.url}/up"},
            {"component": "b", "url": f"{site.url}/down"},
            {"component": "c", "url": "http://127.0.0.1:1/"},
        ]
    )
    assert [check.state for check in found.values()] == ["ok", "warn", "fail"]
    assert "404 instead of 200" in found["probe 2 of b"].detail
    assert found["probe 3 of c"].way_out == "correct its address"


def test_ten_that_hang_cost_a_second_together(site: Site) -> None:
    over = threading.Event()
    site.routes["/"] = drips(over)
    probes = [{"component": f"c{n}", "url": site.url} for n in range(10)]
    begun = time.monotonic()
    states = {check.state for check in _checks(probes=probes).values()}
    assert time.monotonic() - begun < 1.5
    over.set()
    assert states <= {"warn", "fail"}


def test_a_query_that_cannot_run_is_found_without_running_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE orders (n)")
    db.close()
    given: dict[str, Any] = {"sql_databases": [{"name": "d", "path": path}]}
    good = {"name": "good", "database": "d", "statement": "SELECT n FROM orders WHERE n = :tenant"}
    endless = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    slow = {"name": "slow", "database": "d", "statement": endless}
    bad = {"name": "bad", "database": "d", "statement": "SELECT n FROM ordes"}
    assert _checks(**given, sql_queries=[good, slow])["sql"].detail == "2 queries can run"
    check = _checks(**given, sql_queries=[good, bad])["sql"]
    assert (check.state, check.detail) == ("fail", "sql bad: no such table: ordes")


def test_telemetry_says_whether_the_label_names_any_component(site: Site) -> None:
    site.routes["/api/v1/label/job/values"] = _json('{"data": ["shop", "cart"]}')
    site.routes["/loki/api/v1/label/service_name/values"] = _json('{"status": "success"}')
    found = _checks(prometheus_url=site.url, loki_url=site.url, jaeger_url="http://127.0.0.1:1")
    assert [found[name].state for name in ("prometheus", "loki", "jaeger")] == [
        "ok",
        "warn",
        "fail",
    ]
    assert found["prometheus"].detail.startswith("2 components at ")
    assert "loki_label service_name" in found["loki"].detail


def test_files_and_lists_of_changes_are_tried(site: Site, tmp_path: Path) -> None:
    site.routes["/deploys"] = _json('{"items": [{}, {}]}')
    given = {"logs_paths": [tmp_path], "changes_file": tmp_path / "gone"}
    found = _checks(changes_url=f"{site.url}/deploys", changes_items="items", **given)
    assert (found["logs"].state, found["changes"].state) == ("ok", "fail")
    assert found["deployments"].detail == "2 in 24 hours"


def test_customer_and_mcp_over_http_say_when_a_token_is_refused(site: Site) -> None:
    site.routes |= {"/c/nobody": says("", status=401), "/mcp": says("", status=403)}
    found = _checks(
        customer_url=f"{site.url}/c/{{subject}}",
        customer_fields=["plan"],
        mcp_servers=[{"name": "web", "url": f"{site.url}/mcp"}],
    )
    assert found["customer"].way_out == "set MENDWHEEL_CUSTOMER_TOKEN"
    assert (found["mcp web"].state, found["mcp web"].detail) == ("fail", "the token is refused")


def test_no_mcp_server_is_started(tmp_path: Path) -> None:
    note = tmp_path / "ran"
    args = ["-c", f"open({str(note)!r}, 'w')"]
    found = _checks(
        mcp_servers=[
            {"name": "here", "command": sys.executable, "args": args, "reads": [{"tool": "t"}]},
            {"name": "gone", "command": "/nowhere/mcp"},
        ]
    )
    assert found["mcp here"].detail == f"{sys.executable} is there (not started), 1 reads"
    assert found["mcp gone"].state == "fail"
    assert not note.exists()


def test_a_cluster_that_is_not_known_is_said() -> None:
    check = _checks(kubernetes_namespaces=["shop"])["kubernetes shop"]
    assert (check.state, check.way_out) == (
        "fail",
        "set kubernetes_kubeconfig or kubernetes_url",
    )


def test_what_runs_beside_us_is_proposed_with_the_line_to_set(site: Site, tmp_path: Path) -> None:
    site.routes |= {"/yes": says('{"data": 1}'), "/no": says("<html>")}
    neighbours = (
        Neighbour("Prometheus", "prometheus_url", site.url, "/yes", "data"),
        Neighbour("Loki", "loki_url", site.url, "/no", "data"),
        Neighbour("Jaeger", "jaeger_url", "http://127.0.0.1:1", "/", "data"),
    )
    (tmp_path / "none").write_text("{}")
    found = at_hand(Settings(), neighbours)
    assert [check.way_out for check in found] == [
        'to use it, set kubernetes_namespaces = ["default"]',
        f'to use it, set prometheus_url = "{site.url}"',
    ]
    assert {check.state for check in found} == {"ok"}


def test_what_is_used_already_is_not_proposed(site: Site, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("{}")
    site.routes["/yes"] = says('{"data": 1}')
    neighbours = (Neighbour("Prometheus", "prometheus_url", site.url, "/yes", "data"),)
    settings = Settings(prometheus_url="http://elsewhere:9090", kubernetes_namespaces=["shop"])
    assert at_hand(settings, neighbours) == []
    assert site.asked == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"probes": [{"component": "a", "url": "ftp://x"}]}, "needs http://"),
        ({"probes": [{"component": "a", "url": "http://u:p@x/"}]}, "holds a password"),
        ({"probes": [{"component": "a", "url": "http://x", "token": "t"}]}, "SENSE_SECRETS__T"),
        ({"customer_url": "https://x/{subject}"}, "customer_fields is empty"),
        ({"customer_url": "https://x/", "customer_fields": ["a"]}, "{subject} is missing"),
        ({"customer_url": "https://{subject}.x/", "customer_fields": ["a"]}, "which host"),
        ({"customer_query": "q"}, "not in sql_queries"),
        ({"mcp_servers": [{"name": "a"}]}, "set either url or command"),
        ({"mcp_servers": [{"name": "a", "command": "x"}] * 2}, "the same name"),
        (
            {
                "mcp_servers": [
                    {
                        "name": "a",
                        "command": "x",
                        "reads": [{"tool": "t", "arguments": {"q": ["{componet}"]}}],
                    }
                ]
            },
            "{componet} is not known",
        ),
        (
            {"sql_queries": [{"name": "q", "database": "d", "statement": "SELECT 1"}]},
            "not in sql_databases",
        ),
    ],
)
def test_half_a_setting_stops_the_start_with_its_name(given: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load(**given)
    assert told in str(refused.value)


def test_secrets_are_masked_wherever_settings_are_shown() -> None:
    settings = Settings(
        sense_secrets={"t": "sesame"},
        customer_token="sesame",
        kubernetes_token="sesame",
        probes=[{"component": "a", "url": "http://x", "token": "t"}],
    )
    assert "sesame" not in json.dumps(settings.describe())
    assert "sesame" not in repr(settings)


def _json(body: str) -> Route:
    def route(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        handler.wfile.write(body.encode())

    return route
