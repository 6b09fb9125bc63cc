"""A model endpoint over real HTTP that gives the next answer of a list, whatever is asked."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mendwheel.domain.budget import CallKey
from mendwheel.domain.ticket import Report
from tests.listening import listening

KEY = CallKey(ticket_id="t", round=1, step="consult")
REPORT = Report(title="Export", body="How long does an export of 2 GB take?")
GOOD = {
    "calls": [],
    "stance": "answer",
    "claims": [{"text": "Ten minutes.", "evidence_ids": ["K1"]}],
    "questions": [],
    "confidence": 0.9,
}


def chat(content: str | None, *, finish: str = "stop", **message: Any) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57},
    }


class Endpoint:
    """A local server that gives the next answer of a list: (status, body, headers, delay)."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str], float]] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def will(self, body: Any, status: int = 200, delay: float = 0, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, body, named, delay))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                endpoint.requests.append(json.loads(body))
                endpoint.headers.append({k.lower(): v for k, v in self.headers.items()})
                status, answer, headers, delay = endpoint.answers.pop(0)
                endpoint.released.wait(delay)
                raw = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    kind = "text/html" if isinstance(answer, str) else "application/json"
                    for name, value in {"content-type": kind, **headers}.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(raw)))
                    self.end_headers()
                    self.wfile.write(raw)
                except OSError:
                    self.close_connection = True  # the client gave up, as the test wants

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


@contextlib.contextmanager
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """An endpoint that listens, while nothing of this machine's own set-up reaches a client."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    endpoint = Endpoint()
    with listening(endpoint.server):
        try:
            yield endpoint
        finally:
            endpoint.released.set()
