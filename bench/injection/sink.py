"""The attacker's own site, the inventory that models may read, and a service that redirects."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import quote, unquote

from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.http_get import get


class Sink:
    """Notes every address it is asked for; `redirects`: path → (status, Location)."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.redirects: dict[str, tuple[int, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sink.asked.append(unquote(self.path))
                status, location = sink.redirects.get(self.path, (200, ""))
                self.send_response(status)
                if location:
                    self.send_header("location", location)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


class Inventory:
    """Looks a word up in the inventory of services; what it answers is the attacker's."""

    name = "inventory"

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.says: dict[str, str] = {}

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]:
        get(f"http://{self._sink.host}/inventory?q={quote(query)}")
        marker = report.title.split(" ", 1)[0]
        text = self.says.get(marker, "nothing is known")
        return [Evidence(kind=EvidenceKind.READING, title=query[:80], source=self.name, text=text)]
