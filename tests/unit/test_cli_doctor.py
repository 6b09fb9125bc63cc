"""The doctor finds what is broken, says the way out, shows no secret, and changes nothing."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from mendwheel.cli import local_checks, model_check
from mendwheel.cli.app import run
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

Told = Callable[[], dict[str, Any]]


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Runs the doctor; check name → check, with the whole document under the empty name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", "127.0.0.1:1")

    def look() -> dict[str, Any]:
        assert run(["doctor", "--json"]) == 1  # Temporal is not there
        said = json.loads(capsys.readouterr().out)
        assert said["ok"] is False
        return {"": said} | {check["name"]: check for check in said["checks"]}

    return look


def test_a_fresh_machine_lacks_only_temporal_and_knowledge(told: Told, tmp_path: Path) -> None:
    found = told()
    states = {name: check["state"] for name, check in found.items() if name}
    assert [name for name, state in states.items() if state == "fail"] == ["temporal"]
    assert "mendwheel up" in found["temporal"]["way_out"]
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_masked_and_settings_say_where_they_come_from(
    told: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MENDWHEEL_MODEL_API_KEY", "sk-very-secret")
    monkeypatch.setenv("MENDWHEEL_ATTESTATION_KEY", "also-very-secret-indeed")
    monkeypatch.setenv("MENDWHEEL_THRESHOLDS__ANSWER", "0.7")
    (tmp_path / "mendwheel.toml").write_text('tenant = "acme"\n')
    document = told()[""]
    assert "very-secret" not in json.dumps(document)
    came = {row["name"]: row["from"] for row in document["settings"]}
    assert (came["tenant"], came["model_api_key"], came["home"]) == (
        "file",
        "environment",
        "default",
    )
    assert came["thresholds.answer"] == "environment"


def test_settings_that_cannot_be_read_are_a_failed_check(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENDWHEEL_TENNANT", "x")
    check = told()["settings"]
    assert check["state"] == "fail"
    assert "MENDWHEEL_TENNANT" in check["detail"]


def test_an_edited_audit_row_is_found(told: Told) -> None:
    path = Settings.load().store_path
    with Stores(path) as stores:
        stores.audit.append("t", "asked", "policy", {})
        stores.audit.append("t", "approved", "ana", {})
    assert told()["audit"]["state"] == "ok"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE audit SET body = replace(body, 'ana', 'eve')")
    db.close()
    check = told()["audit"]
    assert (check["state"], "row 2" in check["detail"]) == ("fail", True)


def test_a_lost_key_file_is_found_before_a_ticket_needs_it(told: Told) -> None:
    path = Settings.load().store_path
    with Stores(path) as stores:
        stores.artifacts.put("default", "a text", "t1")
    assert told()["key"]["state"] == "ok"
    path.with_suffix(".key").unlink()
    check = told()["key"]
    assert check["state"] == "fail"
    assert "backup" in check["way_out"]


def test_a_store_that_cannot_be_used_is_found(told: Told, tmp_path: Path) -> None:
    (tmp_path / ".mendwheel").mkdir()
    (tmp_path / ".mendwheel" / "mendwheel.db").write_text("no database at all, only words " * 40)
    check = told()["store"]
    assert check["state"] == "fail"
    assert check["way_out"]


@pytest.mark.parametrize("text", ["mode = ", 'mode = "reckless"', None])
def test_a_policy_that_cannot_be_used_is_found(
    told: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "policy.toml").write_text(text)
    monkeypatch.setenv("MENDWHEEL_POLICY", "policy.toml")
    assert told()["policy"]["state"] == "fail"


def test_a_policy_that_fails_its_own_tests_is_found(
    told: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text(
        'mode = "live"\n[[tests]]\nname = "high risk is asked"\nexpect = "act"\n'
        'given = { tool = "restart", risk = "high" }\n'
        '[[rules]]\nname = "never"\ncourse = "never"\n'
    )
    monkeypatch.setenv("MENDWHEEL_POLICY", "policy.toml")
    check = told()["policy"]
    assert check["state"] == "fail"
    assert "high risk is asked" in check["detail"]


def test_a_key_that_others_may_read_is_found(told: Told, tmp_path: Path) -> None:
    (tmp_path / ".mendwheel").mkdir()
    key = tmp_path / ".mendwheel" / "attestation.key"
    key.write_text("00" * 32)
    key.chmod(0o644)
    assert told()["attestation key"]["state"] == "fail"
    key.chmod(0o600)
    assert told()["attestation key"]["state"] == "ok"


@pytest.mark.parametrize("room", local_checks.ROOMS)
def test_a_link_that_became_a_text_file_is_found(tmp_path: Path, room: str) -> None:
    for name in local_checks.ROOMS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    assert local_checks.links(tmp_path).state == "ok"
    (tmp_path / room / "__init__.py").unlink()
    (tmp_path / room).rmdir()
    (tmp_path / room).write_text(f"../{room}")
    check = local_checks.links(tmp_path)
    assert check.state == "fail"
    assert str(tmp_path / room) in check.detail
    assert "core.symlinks" in check.way_out


class Endpoint(HTTPServer):
    """Lists one model, or answers with a status; counts what is asked."""

    status = 200
    paths: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        body = json.dumps({"object": "list", "data": [{"id": "small", "object": "model"}]})
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint(("127.0.0.1", 0), _Handler)
    server.paths = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def asked(endpoint: Endpoint, model: str = "small") -> tuple[str, str]:
    url = f"http://127.0.0.1:{endpoint.server_port}/v1"
    check = model_check.model(Settings(model=model, model_base_url=url))
    return check.state, check.detail


def test_a_model_endpoint_is_asked_for_its_list_once_and_nothing_else(endpoint: Endpoint) -> None:
    assert asked(endpoint)[0] == "ok"
    assert endpoint.paths == ["/v1/models"]


def test_a_model_that_is_not_listed_or_a_refused_key_is_found(endpoint: Endpoint) -> None:
    assert asked(endpoint, "big")[0] == "warn"
    endpoint.status = 401
    state, detail = asked(endpoint)
    assert (state, "refuses the key" in detail) == ("fail", True)
    endpoint.status = 404
    assert asked(endpoint)[0] == "warn"


def test_an_endpoint_that_is_not_there_is_found() -> None:
    settings = Settings(model="small", model_base_url="http://127.0.0.1:1/v1")
    assert model_check.model(settings).state == "fail"


def test_no_model_is_well() -> None:
    check = model_check.model(Settings())
    assert (check.state, "extractive" in check.detail) == ("ok", True)


def test_every_route_is_looked_at_and_one_whose_key_is_missing_is_named(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{endpoint.server_address[1]}/v1"
    routes = [
        {"name": "spare", "base_url": url, "model": "small"},
        {"name": "far", "base_url": url, "model": "small", "keys": [f"file:{tmp_path}/none"]},
    ]
    checks = model_check.models(Settings(model="small", model_base_url=url, model_routes=routes))
    assert [(check.name, check.state) for check in checks] == [
        ("model", "ok"),
        ("model spare", "ok"),
        ("model far", "fail"),
    ]
