"""The bot token goes to the address in the settings, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from mendwheel.integrations.slack.client import sync_client
from mendwheel.settings import Settings


@contextmanager
def answering(status: int, location: str = "") -> Iterator[tuple[str, list[str | None]]]:
    """A server that answers everything alike: its address, and the credentials it was given."""
    given: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given.append(self.headers.get("Authorization"))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(b'{"ok": true}')

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/", given
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_redirect_does_not_carry_the_token_elsewhere(tmp_path: Path) -> None:
    with answering(200) as (elsewhere, leaked), answering(302, elsewhere) as (slack, given):
        settings = Settings(
            home=tmp_path,
            slack_base_url=slack,
            slack_bot_token="xoxb-of-tests",
            slack_signing_secret="signing-secret-of-tests",
        )
        sync_client(settings).api_call("chat.postMessage", json={"channel": "C1"})
    assert given == ["Bearer xoxb-of-tests"]
    assert leaked == [None]
