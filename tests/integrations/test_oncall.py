"""Whoever is on call is called once, in the shape of either service, over real HTTP."""

import json
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mendwheel.domain.card import CardLink, CardRemedy
from mendwheel.domain.ids import EffectKey, digest
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Phase, Severity
from mendwheel.integrations.oncall import OnCallPort
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings
from tests import cards
from tests.listening import listening

KEY = EffectKey(ticket_id="t-1", round=1, step="call", target="on-call")
SECRET = "r0uting-key-nobody-may-see"


class Service:
    """Takes incidents; `answer` is the status, headers and delay of what it says next."""

    def __init__(self) -> None:
        self.answer: tuple[int, dict[str, str], float] = (202, {}, 0.0)
        self.taken: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v2/enqueue"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                service.taken.append((dict(self.headers), body))
                status, headers, delay = service.answer
                time.sleep(delay)
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                except OSError:
                    self.close_connection = True  # whoever asked did not wait

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with listening(service.server):
        yield service


def port(tmp_path: Path, url: str, shape: str = "pagerduty", timeout: float = 5.0) -> OnCallPort:
    settings = Settings(home=tmp_path, oncall_url=url, oncall_key=SECRET, oncall_format=shape)
    return OnCallPort(settings, timeout)


card = partial(
    cards.card,
    phase=Phase.CLOSED,
    headline="Handed over to a human",
    severity=Severity.HIGH,
    component="ledger",
    diagnosis="The pool is used up.",
    remedy=CardRemedy(tool="widen_pool", risk=Risk.LOW),
    links=[CardLink(title="Run", url="https://temporal.example/run")],
)


def test_pagerduty_is_called_in_its_own_shape(service: Service, tmp_path: Path) -> None:
    name = port(tmp_path, service.url).call(card(), KEY)
    [(headers, body)] = service.taken
    assert name == body["dedup_key"] == digest(str(KEY))
    assert headers["Content-Type"] == "application/json"
    assert body["routing_key"] == SECRET
    assert body["event_action"] == "trigger"
    assert body["payload"]["summary"] == "Exports fail: Handed over to a human"
    assert body["payload"]["severity"] == "error"
    assert body["payload"]["source"]
    assert body["payload"]["custom_details"]["ticket"] == "t-1"
    assert body["payload"]["custom_details"]["diagnosis"] == "The pool is used up."
    assert body["links"] == [{"href": "https://temporal.example/run", "text": "Run"}]


def test_opsgenie_is_called_in_its_own_shape(service: Service, tmp_path: Path) -> None:
    name = port(tmp_path, service.url, "opsgenie").call(card(title="E" * 200), KEY)
    [(headers, body)] = service.taken
    assert name == body["alias"] == digest(str(KEY))
    assert headers["Authorization"] == f"GenieKey {SECRET}"
    assert len(body["message"]) == 130
    assert body["message"].endswith("…")
    assert body["description"] == "The pool is used up.\n\nRun: https://temporal.example/run"
    assert body["priority"] == "P2"
    assert SECRET not in json.dumps(body)


@pytest.mark.parametrize(
    ("severity", "pagerduty", "opsgenie"),
    [
        (Severity.CRITICAL, "critical", "P1"),
        (Severity.LOW, "info", "P4"),
        (None, "warning", "P3"),
    ],
)
def test_severity_is_said_in_the_words_of_the_service(
    service: Service, tmp_path: Path, severity: Severity | None, pagerduty: str, opsgenie: str
) -> None:
    port(tmp_path, service.url).call(card(severity=severity), KEY)
    port(tmp_path, service.url, "opsgenie").call(card(severity=severity), KEY)
    (_, first), (_, second) = service.taken
    assert (first["payload"]["severity"], second["priority"]) == (pagerduty, opsgenie)


def test_the_same_effect_is_one_incident_and_another_is_another(
    service: Service, tmp_path: Path
) -> None:
    calling = port(tmp_path, service.url)
    again = KEY.model_copy(update={"round": 2})
    names = [calling.call(card(), key) for key in (KEY, KEY, again)]
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "30"}, 30.0),
        (503, {"Retry-After": "999999"}, 3600.0),
        (500, {}, None),
    ],
)
def test_a_busy_service_is_tried_again(
    service: Service, tmp_path: Path, status: int, headers: dict[str, str], wait: float | None
) -> None:
    service.answer = (status, headers, 0.0)
    with pytest.raises(PlaceError, match=str(status)) as caught:
        port(tmp_path, service.url).call(card(), KEY)
    assert (caught.value.retryable, caught.value.retry_after) == (True, wait)


@pytest.mark.parametrize(
    ("status", "way_out"),
    [(400, "oncall_format"), (401, "MENDWHEEL_ONCALL_KEY"), (404, "MENDWHEEL_ONCALL_URL")],
)
def test_a_refusal_names_the_way_out_and_never_the_key(
    service: Service, tmp_path: Path, status: int, way_out: str
) -> None:
    service.answer = (status, {}, 0.0)
    for shape in ("pagerduty", "opsgenie"):
        with pytest.raises(PlaceError, match=way_out) as caught:
            port(tmp_path, service.url, shape).call(card(), KEY)
        assert not caught.value.retryable
        assert SECRET not in repr(caught.value)
        assert caught.value.__cause__ is None


def test_a_redirect_does_not_carry_the_key_away(service: Service, tmp_path: Path) -> None:
    service.answer = (302, {"Location": service.url + "/elsewhere"}, 0.0)
    with pytest.raises(PlaceError, match="302"):
        port(tmp_path, service.url, "opsgenie").call(card(), KEY)
    assert len(service.taken) == 1


def test_a_service_that_does_not_answer_is_tried_again(service: Service, tmp_path: Path) -> None:
    service.answer = (202, {}, 0.6)
    with pytest.raises(PlaceError, match="did not answer in time") as slow:
        port(tmp_path, service.url, timeout=0.2).call(card(), KEY)
    with pytest.raises(PlaceError, match="cannot be reached") as away:
        port(tmp_path, "http://127.0.0.1:9/v2/enqueue").call(card(), KEY)
    assert (slow.value.kind, away.value.kind) == ("timeout", "connection")
    assert slow.value.retryable
    assert away.value.retryable


def test_nobody_on_call_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="MENDWHEEL_ONCALL_URL"):
        OnCallPort(Settings(home=tmp_path))
