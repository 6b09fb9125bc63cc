"""A target of HTTP remedies on a local port: it notes what it did, and answers as it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Target:
    """`ways`: how the next writes end, in order; then all is well. `blind`: look-ups break."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, Any]] = []
        self.keys: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.ways: list[str] = []
        self.blind = self.honours = False
        self.healthy: Any = True
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator["Target"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(target: Target) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            target.asked.append(self.path)
            if target.blind:
                self._say(500, {})
            elif self.path.startswith("/effects/"):
                there = self.path.rsplit("/", 1)[1] in target.keys
                self._say(200 if there else 404, {"state": "there" if there else ""})
            elif self.path == "/away":
                self._say(302, {}, Location="/effects/x")
            else:
                self._say(200, {"state": {"healthy": target.healthy}})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            key = self.headers["Idempotency-Key"]
            target.headers.append(dict(self.headers))
            way = target.ways.pop(0) if target.ways else "ok"
            if way.isdecimal():
                more = {"Retry-After": "0"} if way in ("429", "503") else {}
                more |= {"Location": "/elsewhere"} if way[0] == "3" else {}
                self._say(int(way), {"said": "token=hunter2hunter2 no"}, **more)
                return
            if not (target.honours and key in target.keys):
                target.done.append((self.command, self.path, body))
            target.keys.append(key)
            if way == "lose":
                self.close_connection = True
                self.connection.close()
                return
            if way == "slow":
                time.sleep(1.5)
            self._say(502 if way == "done-502" else 200, {"said": "done"})

        do_PUT = do_DELETE = do_POST

        def _say(self, status: int, what: dict[str, Any], **headers: str) -> None:
            data = json.dumps(what).encode()
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                return

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler
