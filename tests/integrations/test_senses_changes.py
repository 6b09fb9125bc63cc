"""Deployments and changes, from a file and from an address, and which senses settings turn on."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mendwheel.integrations.senses.changes import ChangeAddress, ChangeFile, ChangeSense
from mendwheel.integrations.senses.configured import live_senses
from mendwheel.integrations.senses.matching import fill
from mendwheel.ports import SenseError
from mendwheel.settings import Settings, SettingsError
from mendwheel.settings_senses import CHANGE_FIELDS
from tests.integrations.telemetry_case import REPORT, TICKET, WINDOW, findings
from tests.integrations.telemetry_server import TelemetryServer

RELEASE = {
    "time": "2026-03-01T11:20:00Z",
    "component": "payment",
    "kind": "deployment",
    "version": "1.4.2",
    "previous_version": "1.4.1",
}


def listed(path: Path, *items: Any) -> ChangeSense:
    path.write_text(
        "\n".join(each if isinstance(each, str) else json.dumps(each) for each in items)
    )
    return ChangeSense("changes", ChangeFile(path), CHANGE_FIELDS, 24.0)


def test_a_change_is_told_with_its_versions(tmp_path: Path) -> None:
    sense = listed(tmp_path / "changes.jsonl", RELEASE)
    (seen,) = sense.observe(TICKET, REPORT, "payment", WINDOW)
    assert seen.media == "changes"
    assert json.loads(seen.text) == {
        **RELEASE,
        "change": "deployment: 1.4.2 (was 1.4.1)",
    }
    (found,) = findings([seen])
    assert found.component == "payment"
    assert found.fault == "bad deployment"


def test_only_changes_of_the_hours_before_count_in_order_of_time(tmp_path: Path) -> None:
    times = ["2026-03-01T11:50:00Z", "2026-02-28T11:30:00Z", "2026-02-27T11:30:00Z", "2026-03-02"]
    items = [{**RELEASE, "time": f"{at}"} for at in times]
    (seen,) = listed(tmp_path / "c.jsonl", *items).observe(TICKET, REPORT, None, WINDOW)
    assert [json.loads(line)["time"] for line in seen.text.splitlines()] == [times[1], times[0]]


def test_lines_that_are_no_changes_are_counted(tmp_path: Path) -> None:
    sense = listed(tmp_path / "c.jsonl", RELEASE, "{", "[]", {"time": "soon"}, {"component": "a"})
    (seen,) = sense.observe(TICKET, REPORT, None, WINDOW)
    assert seen.title == "c.jsonl: 1 changes; 4 could not be read"
    with pytest.raises(SenseError, match="none of 1 items has a time and a component"):
        listed(tmp_path / "d.jsonl", {"when": "now"}).observe(TICKET, REPORT, None, WINDOW)


def test_no_change_is_nothing_to_tell_and_no_file_is_an_error(tmp_path: Path) -> None:
    assert listed(tmp_path / "c.jsonl").observe(TICKET, REPORT, None, WINDOW) == []
    gone = ChangeSense("changes", ChangeFile(tmp_path / "gone"), CHANGE_FIELDS, 24.0)
    with pytest.raises(SenseError, match="is no file: correct changes_file"):
        gone.observe(TICKET, REPORT, None, WINDOW)


@pytest.fixture
def server() -> Iterator[TelemetryServer]:
    with TelemetryServer().running() as server:
        yield server


def test_an_address_is_asked_and_its_own_fields_are_read(server: TelemetryServer) -> None:
    item = {"at": 1772364000, "app": {"name": "payment"}, "ref": 7, "note": "raise the pool limit"}
    server.routes["/apps/pay%2Fment/deploys"] = lambda _: {"data": {"items": [item]}}
    url = f"{server.url}/apps/{{component}}/deploys?since={{start}}"
    address = ChangeAddress(url, SecretStr("t0ken"), {}, "data.items")
    fields = {"time": "at", "component": "app.name", "version": "ref", "description": "note"}
    sense = ChangeSense("deployments", address, fields, 1.0)
    (seen,) = sense.observe(TICKET, REPORT, "pay/ment", WINDOW)
    assert json.loads(seen.text) == {
        "time": "2026-03-01T11:20:00Z",
        "component": "payment",
        "version": "7",
        "description": "raise the pool limit",
        "change": "change: 7: raise the pool limit",
    }
    ((_, params, headers),) = server.asked
    assert params == {"since": "2026-03-01T10:00:00Z"}
    assert headers["Authorization"] == "Bearer t0ken"


def test_a_name_of_dots_asks_for_no_other_folder(server: TelemetryServer) -> None:
    server.routes["/apps//deploys"] = lambda _: []
    address = ChangeAddress(f"{server.url}/apps/{{component}}/deploys", None, {}, "")
    assert address.read("..", WINDOW) == []


def test_a_list_that_is_elsewhere_is_told(server: TelemetryServer) -> None:
    server.routes["/deploys"] = lambda _: {"data": []}
    address = ChangeAddress(f"{server.url}/deploys", None, {}, "items")
    with pytest.raises(SenseError, match="no list at 'items': correct changes_items"):
        address.read(None, WINDOW)


def test_settings_turn_on_the_senses_that_they_name(tmp_path: Path) -> None:
    assert live_senses(Settings(home=tmp_path)) == []
    settings = Settings(
        home=tmp_path,
        prometheus_url="http://127.0.0.1:9090/",
        logs_paths=[tmp_path],
        loki_url="http://127.0.0.1:3100",
        jaeger_url="http://127.0.0.1:16686",
        changes_file=tmp_path / "changes.jsonl",
        changes_url="http://127.0.0.1:8080/deploys?since={start}",
    )
    names = ["prometheus", "logs", "loki", "traces", "changes", "deployments"]
    assert [sense.name for sense in live_senses(settings)] == names


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"prometheus_url": "ftp://x"}, "needs http:// or https://"),
        ({"loki_url": "http://u:p@x"}, "holds a password"),
        ({"changes_url": "https://{component}.example.net/"}, "which host is asked"),
        ({"loki_query": "{app=~{component}}"}, "outside quotes"),
        ({"prometheus_queries": {"cpu": "cpu_{component}"}}, "outside quotes"),
        ({"logs_zone": "Mars/Olympus"}, "is no time zone"),
        ({"changes_fields": {"who did": "a"}}, "is no name"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Settings.load(**given)


def test_headers_and_tokens_are_masked_where_settings_are_shown() -> None:
    settings = Settings(loki_headers={"X-Scope-OrgID": SecretStr("team-7")})
    assert "team-7" not in str(settings.describe())


def test_every_setting_in_the_how_to_is_taken_as_it_stands(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/how-to/senses.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in page.split("```toml\n")[1:]]
    given = [tomllib.loads(block) for block in blocks]
    assert len(given) >= 7
    for each in given:
        settings = Settings.load(home=tmp_path, **each)
        assert [sense.name for sense in live_senses(settings)] or "prometheus_queries" in each
        for query in settings.prometheus_queries.values():
            assert fill(query, settings.prometheus_label, ["checkout"])
