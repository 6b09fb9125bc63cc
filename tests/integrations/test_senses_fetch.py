"""A look at a system that misbehaves ends in time, with one line that says why."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from mendwheel.domain.observation import Observation
from mendwheel.integrations.senses.fetch import LARGEST, TOTAL, Ask, Remote
from mendwheel.integrations.senses.http_get import get
from mendwheel.ports import SenseError
from tests.integrations.telemetry_case import findings
from tests.integrations.telemetry_server import Raw, TelemetryServer

WITHIN = 0.4


@pytest.fixture
def server() -> Iterator[TelemetryServer]:
    with TelemetryServer().running() as server:
        yield server


def look(server: TelemetryServer, answer: Raw) -> SenseError:
    server.routes["/api"] = lambda _: answer
    remote = Remote("Telemetry", server.url, within=WITHIN)
    began = time.monotonic()
    with pytest.raises(SenseError) as caught:
        remote.ask(Ask("/api"), remote.deadline())
    assert time.monotonic() - began < WITHIN + 1
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("Telemetry")
    return caught.value


def test_a_server_that_drips_is_left_at_the_deadline(server: TelemetryServer) -> None:
    error = look(server, Raw(b'{"data": "and so on for ever"}', drip=0.05))
    assert "did not answer within 0.4 s" in str(error)
    assert error.retryable


def test_a_server_that_hangs_is_left_at_the_deadline(server: TelemetryServer) -> None:
    assert "did not answer within" in str(look(server, Raw(hang=True)))


def test_an_error_of_the_server_may_pass_and_its_word_is_told(server: TelemetryServer) -> None:
    error = look(server, Raw(b"disk\n\x1b[31mfull", status=500, kind="text/plain"))
    assert str(error) == "Telemetry answered 500: it says: disk full"
    assert error.retryable


def test_a_token_that_is_refused_does_not_pass_by_itself(server: TelemetryServer) -> None:
    error = look(server, Raw(b"{}", status=401))
    assert "set a token" in str(error)
    assert not error.retryable


def test_a_redirect_is_not_followed(server: TelemetryServer) -> None:
    with TelemetryServer().running() as other:
        other.routes["/api"] = lambda _: {}
        moved = Raw(status=302, headers={"Location": f"{other.url}/api"})
        assert "redirect" in str(look(server, moved))
        assert not other.asked


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 10_000])
def test_garbage_is_called_broken_json(server: TelemetryServer, body: bytes) -> None:
    assert "broken JSON" in str(look(server, Raw(body)))


def test_a_page_for_people_is_no_answer(server: TelemetryServer) -> None:
    error = look(server, Raw(b"<html>log in</html>", kind="text/html"))
    assert "answered text/html, not JSON" in str(error)


def test_an_answer_without_end_is_cut_off(server: TelemetryServer) -> None:
    server.routes["/api"] = lambda _: Raw(b" " * (LARGEST + 1))
    remote = Remote("Telemetry", server.url)
    with pytest.raises(SenseError, match="more than 20 MB: narrow what is asked for"):
        remote.ask(Ask("/api"), remote.deadline())


def test_all_answers_of_a_look_together_have_a_limit_too(server: TelemetryServer) -> None:
    server.routes["/api"] = lambda _: Raw(b" " * (LARGEST - 4) + b"{}")
    remote = Remote("Telemetry", server.url)
    answers = remote.ask_all([Ask("/api")] * 5, remote.deadline())
    late = [each for each in answers if isinstance(each, SenseError)]
    assert len(answers) - len(late) == TOTAL // LARGEST
    assert {str(each) for each in late} == {
        "Telemetry answered with more than 40 MB: narrow what is asked for"
    }


def test_what_is_packed_stays_packed(server: TelemetryServer) -> None:
    packed = Raw(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
    assert "a compression that was not asked for" in str(look(server, packed))
    ((_, _, headers),) = server.asked
    assert headers["Accept-Encoding"] == "identity"


def test_nobody_there_is_said_with_the_address() -> None:
    remote = Remote("Telemetry", "http://127.0.0.1:9", within=WITHIN)
    with pytest.raises(SenseError, match=r"cannot be read at http://127\.0\.0\.1:9"):
        remote.ask(Ask("/api"), remote.deadline())


def test_a_name_that_is_looked_up_for_ever_is_left_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        over.wait(10)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    remote = Remote("Telemetry", "http://telemetry.example.net", within=WITHIN)
    began = time.monotonic()
    try:
        with pytest.raises(SenseError, match="did not answer within"):
            remote.ask(Ask("/api"), remote.deadline())
        with pytest.raises(SenseError, match=r"telemetry\.example\.net did not answer within"):
            get("http://telemetry.example.net", within=WITHIN)
        assert time.monotonic() - began < 2 * WITHIN + 1
    finally:
        over.set()


def test_what_answers_in_time_counts_beside_what_does_not(server: TelemetryServer) -> None:
    server.routes["/slow"] = lambda _: Raw(hang=True)
    server.routes["/quick"] = lambda _: {"ok": True}
    remote = Remote("Telemetry", server.url, within=WITHIN)
    slow, quick = remote.ask_all([Ask("/slow"), Ask("/quick")], remote.deadline())
    assert isinstance(slow, SenseError)
    assert quick == {"ok": True}


def test_token_and_headers_are_sent_and_never_told(server: TelemetryServer) -> None:
    server.routes["/api"] = lambda _: {}
    remote = Remote(
        "Telemetry", server.url, SecretStr("t0ken"), {"X-Scope-OrgID": SecretStr("team")}
    )
    remote.ask(Ask("/api", [("q", "a&b=c")]), remote.deadline())
    ((_, params, headers),) = server.asked
    assert params == {"q": "a&b=c"}
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["X-Scope-OrgID"] == "team"
    server.routes["/api"] = lambda _: Raw(status=403)
    with pytest.raises(SenseError) as caught:
        remote.ask(Ask("/api"), remote.deadline())
    assert "t0ken" not in str(caught.value)


def test_why_a_system_could_not_be_looked_at_is_no_symptom_of_it() -> None:
    said = "Loki answered 500: it says: no space left on device, disk full"
    unseen = Observation(title="loki could not be looked at", media="missing", text=said)
    assert findings([unseen]) == []
