"""A system over real HTTP that answers what a test says, or misbehaves as it says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.listening import listening

Params = dict[str, str]
Route = Callable[[Params], Any]
"""Gets the parameters; returns a body for JSON, or a `Raw`."""


class Raw:
    """An answer as bytes; `drip` seconds between them, or `hang` before anything."""

    def __init__(
        self,
        body: bytes = b"",
        *,
        status: int = 200,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
        drip: float = 0.0,
        hang: bool = False,
    ) -> None:
        self.body, self.status, self.kind = body, status, kind
        self.headers = headers or {}
        self.drip, self.hang = drip, hang


class TelemetryServer:
    """`routes` by path; `asked` is every request with its parameters and headers."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[tuple[str, Params, dict[str, str]]] = []
        self.over = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["TelemetryServer"]:
        with listening(self._http):
            try:
                yield self
            finally:
                self.over.set()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                params = dict(parse_qsl(parts.query))
                server.asked.append((parts.path, params, dict(self.headers)))
                answer = server.routes[parts.path](params)
                if not isinstance(answer, Raw):
                    answer = Raw(json.dumps(answer).encode())
                try:
                    self._send(answer)
                except OSError:
                    self.close_connection = True

            def _send(self, answer: Raw) -> None:
                if answer.hang:
                    server.over.wait(30)
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.kind)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if not answer.drip:
                    self.wfile.write(answer.body)
                    return
                for byte in answer.body:
                    if server.over.wait(answer.drip):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()

            def log_message(self, *_: object) -> None:
                """Tests have their own words."""

        return Handler
