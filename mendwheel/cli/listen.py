"""`mendwheel serve`: listens for Slack, Jira, alerts and health checks, until told to stop."""

import asyncio
import ipaddress
import socket
import sys

import typer

from mendwheel.cli.exits import CommandError
from mendwheel.cli.terminal import note, say

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
    """Listen for Slack, Jira and alerts until Ctrl-C, with health checks and metrics.

    Says which of them are on and the addresses to give to them. The setting `listen` says where.
    While Temporal is away Jira and Alertmanager get 503 and send again; people in Slack are told.
    """
    from mendwheel.cli import configured, edges
    from mendwheel.cli.logs import to_stderr
    from mendwheel.cli.serving import serve

    settings = configured.load()
    to_stderr(settings)
    with _bound(settings.listen) as bound:
        host, port = bound.getsockname()[:2]
        if settings.alerts_token is None and not ipaddress.ip_address(host).is_loopback:
            note(f"anybody who reaches {host} can open tickets: set MENDWHEEL_ALERTS_TOKEN")
        for line in edges.lines(settings, host, port):
            say(line)
        sys.stdout.flush()  # a pipe would hold the lines back until the end
        asyncio.run(serve(settings, bound))


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
