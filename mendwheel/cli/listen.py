"""`mendwheel serve`: listens for webhooks and health checks, until it is told to stop."""

import asyncio
import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT, SIGTERM
from typing import TYPE_CHECKING

import typer

from mendwheel.cli.exits import CommandError
from mendwheel.cli.logs import to_stderr
from mendwheel.cli.terminal import note, say

if TYPE_CHECKING:
    from mendwheel.settings import Settings

_FINISH_WITHIN = 10  # seconds that requests under way may still take

_EXAMPLE = """\
Example: `mendwheel serve`, and in `alertmanager.yml`

```yaml
receivers:
  - name: mendwheel
    webhook_configs:
      - url: http://127.0.0.1:8090/alerts
        send_resolved: true
        http_config: {authorization: {credentials_file: /etc/alertmanager/mendwheel-token}}
```"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve", epilog=_EXAMPLE)(listen)


def listen() -> None:
    """Listen for alerts on `/alerts`, with `/healthz` and `/readyz`, until Ctrl-C.

    The setting `listen` says where, `alerts_token` what Alertmanager has to send as bearer token.
    While Temporal is away alerts are answered with 503, and Alertmanager sends them again.
    """
    from mendwheel.cli import configured

    settings = configured.load()
    to_stderr(settings.log_level)
    with _bound(settings.listen) as bound:
        host, port = bound.getsockname()[:2]
        if settings.alerts_token is None and not ipaddress.ip_address(host).is_loopback:
            note(f"anybody who reaches {host} can open tickets: set MENDWHEEL_ALERTS_TOKEN")
        say(f"listening  http://{f'[{host}]' if ':' in host else host}:{port}")
        sys.stdout.flush()  # a pipe would hold the line back until the end
        asyncio.run(_serve(settings, bound))


def _bound(address: str) -> socket.socket:
    """Raises CommandError: the address is taken, or not one of this machine."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family)
    except OSError as error:
        why = error.strerror or str(error)
        raise CommandError(f"cannot listen on {address} ({why}): set MENDWHEEL_LISTEN") from error


async def _serve(settings: "Settings", bound: socket.socket) -> None:
    import uvicorn
    from temporalio.client import Client
    from temporalio.contrib.pydantic import pydantic_data_converter

    from mendwheel.integrations.intake import Intake
    from mendwheel.integrations.reach import Reach
    from mendwheel.integrations.server import build
    from mendwheel.stores.bundle import Stores

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # Told to stop, we stop in order: uvicorn would raise the signal again at the end.
            loop = asyncio.get_running_loop()
            for number in (SIGINT, SIGTERM):
                loop.add_signal_handler(number, self.handle_exit, number, None)
            yield

    client = await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        lazy=True,  # Temporal may come later: until then alerts get 503
    )
    stores = Stores(settings.store_path)
    await asyncio.to_thread(stores.__enter__)
    try:
        app = build(Intake(client, stores, settings), Reach(client, settings), settings, stores)
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_FINISH_WITHIN,
        )
        await Server(config).serve(sockets=[bound])
    finally:
        await asyncio.to_thread(stores.__exit__, None, None, None)
