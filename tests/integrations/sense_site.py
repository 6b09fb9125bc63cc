"""A web site over real HTTP or TLS, and tickets to look at it with."""

import datetime as dt
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.observation import Window
from mendwheel.domain.ticket import Report, Ticket
from tests.listening import listening

Route = Callable[[BaseHTTPRequestHandler], None]
NOW = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)
WINDOW = Window(start=NOW - dt.timedelta(hours=1), end=NOW)
REPORT = Report(title="Downloads fail", body="since noon")


def ticket(*, reporter: str = "slack:U1", tenant: str = "acme", title: str = "Downloads") -> Ticket:
    reference = ArtifactRef(tenant=tenant, sha256="0" * 64, size=1)
    return Ticket(
        id="t-1",
        tenant=tenant,
        system="cli",
        key="t-1",
        title=title,
        reporter=reporter,
        report=reference,
        opened_at=NOW,
        delivery_id="d-1",
    )


class Site:
    """`routes` by path without query; `asked` is each (path with query, Authorization)."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[tuple[str, str | None]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers.get("Authorization")))
                route = site.routes.get(self.path.partition("?")[0], says("", status=404))
                route(self)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._http = _Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://localhost:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["Site"]:
        with listening(self._http):
            yield self


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        return  # a client that leaves in the middle is what some tests are about


def says(body: str | bytes, *, status: int = 200, location: str = "") -> Route:
    """An answer that is always the same."""
    content = body.encode() if isinstance(body, str) else body

    def route(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if location:
            handler.send_header("Location", location)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return route


def drips(over: threading.Event) -> Route:
    """A byte of header now and then, so that no single read ever takes long."""

    def route(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        while not over.wait(0.1):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    return route


def certified(folder: Path, days: float) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server for localhost, valid for `days`, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=90))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "crt").write_bytes(pem)
    (folder / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "crt", folder / "key")
    return server, ssl.create_default_context(cadata=pem.decode())
