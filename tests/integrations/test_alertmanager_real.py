"""Prometheus and Alertmanager as Debian ships them, a rule that fires, and our served app."""

import asyncio
import re
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from mendwheel.integrations.metrics import Metrics
from mendwheel.settings import Settings
from tests.debian import Monitoring, Program, monitoring
from tests.integrations.served_app import (
    TOKEN,
    Site,
    changed,
    forwarding,
    free_port,
    fresh,
    plain,
    served,
)

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]

__all__ = ["monitoring"]

ROOT = Path(__file__).resolve().parents[2]

_RULES = """
groups:
  - name: shop
    rules:
      - alert: QueueStuck
        expr: queue_depth > 5
        labels: {{service: {service}}}
        annotations: {{summary: The queue of {service} does not get shorter}}
"""
_PROMETHEUS = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]
scrape_configs:
  - job_name: shop
    static_configs: [{{targets: ["127.0.0.1:{target}"]}}]
"""
_ALERTMANAGER = """
route:
  receiver: mendwheel
  group_by: [alertname, service]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 2s
receivers:
  - name: mendwheel
    webhook_configs:
      - url: http://127.0.0.1:{app}/alerts
        send_resolved: true
        http_config: {{authorization: {{credentials: {token}}}}}
"""
PATIENCE = 30.0
REPEATS = 2


class Shop:
    """A target whose metric the test flips."""

    def __init__(self) -> None:
        self.depth = 0
        self.port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Shop"]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = f"queue_depth {self.depth}\n"
        head = f"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def running(program: Program, port: int, log: Path, *flags: str) -> AsyncIterator[None]:
    """One server, from when it is ready."""
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            program.path,
            f"--web.listen-address=127.0.0.1:{port}",
            *flags,
            stdout=out,
            stderr=out,
            cwd=program.folder,
        )
        try:

            async def ready() -> bool:
                assert process.returncode is None, f"it ended by itself: see {log}"
                return await answers(port)

            await until(ready, f"{program.path.name} is ready")
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 20)


@asynccontextmanager
async def watched(
    tools: Monitoring, shop: Shop, app: int, service: str, folder: Path
) -> AsyncIterator[None]:
    """Prometheus watches the shop and Alertmanager tells the app about it."""
    alertmanager, prometheus = free_port(), free_port()
    rules = folder / "rules.yml"
    rules.write_text(_RULES.format(service=service))
    (folder / "alertmanager.yml").write_text(_ALERTMANAGER.format(app=app, token=TOKEN))
    (folder / "prometheus.yml").write_text(
        _PROMETHEUS.format(rules=rules, alertmanager=alertmanager, target=shop.port)
    )
    async with (
        running(
            tools.alertmanager,
            alertmanager,
            folder / "alertmanager.log",
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            "--cluster.listen-address=",
        ),
        running(
            tools.prometheus,
            prometheus,
            folder / "prometheus.log",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            "--rules.alert.resend-delay=1s",
        ),
    ):
        yield


async def answers(port: int) -> bool:
    def look() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    return await asyncio.to_thread(look)


async def until(happened: Callable[[], Awaitable[bool]], what: str) -> None:
    """Raises AssertionError when it does not."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await happened():  # noqa: ASYNC110 — it happens in other processes
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not in {PATIENCE:g} s: {what}") from None


async def counted(site: Site, became: str) -> float:
    series = f'mendwheel_deliveries_total{{became="{became}",edge="alerts"}}'
    return (await site.metrics()).get(series, 0.0)


async def tickets(client: Client, queue: str) -> list[str]:
    """Workflows on the test's own queue."""
    query = f"WorkflowType = 'mendwheel.ticket' AND TaskQueue = '{queue}'"
    return [workflow.id async for workflow in client.list_workflows(query)]


async def test_one_ticket_from_the_first_alert_until_it_is_resolved(
    client: Client, settings: Settings, monitoring: Monitoring, tmp_path: Path
) -> None:
    service = fresh("queue")
    own = changed(settings, alerts_token=TOKEN, task_queue=service)
    async with (
        Shop().open() as shop,
        served(plain(client), own) as site,
        watched(monitoring, shop, site.port, service, tmp_path),
    ):
        shop.depth = 9

        async def opened() -> bool:
            return await counted(site, "ticket") == 1

        await until(opened, "the alert opens a ticket")

        async def repeated() -> bool:
            return await counted(site, "nothing") >= REPEATS

        await until(repeated, f"Alertmanager repeats itself {REPEATS} times")
        shop.depth = 0

        async def told() -> bool:
            return await counted(site, "informed") == 1

        await until(told, "the running ticket is told that it is over")
        assert await counted(site, "ticket") == 1
        [ticket] = await tickets(client, service)
        [text] = await site.recovered(ticket)
    assert "QueueStuck" in text
    assert text.endswith("Nothing of the group fires.")


async def test_an_alert_that_came_while_temporal_was_away_arrives_later(
    client: Client, settings: Settings, monitoring: Monitoring, tmp_path: Path
) -> None:
    service = fresh("queue")
    own = changed(settings, alerts_token=TOKEN, task_queue=service)
    host, _, target = client.service_client.config.target_host.rpartition(":")
    port = free_port()
    lazy = await Client.connect(
        f"127.0.0.1:{port}", data_converter=pydantic_data_converter, lazy=True
    )
    async with (
        Shop().open() as shop,
        served(lazy, own, within=2.0) as site,
        watched(monitoring, shop, site.port, service, tmp_path),
    ):
        shop.depth = 9

        async def refused() -> bool:
            return await counted(site, "unavailable") >= 1

        await until(refused, "the alert is refused while Temporal is away")
        async with forwarding(port, host, int(target)):

            async def opened() -> bool:
                return await counted(site, "ticket") == 1

            await until(opened, "Alertmanager sends it again")
        assert len(await tickets(client, service)) == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "file"),
    [
        ("amtool", ("check-config",), "alertmanager.yml"),
        ("promtool", ("check", "rules"), "mendwheel-rules.yml"),
        ("promtool", ("check", "config", "--syntax-only"), "prometheus.yml"),
    ],
)
async def test_what_we_ship_for_monitoring_is_well_formed(
    monitoring: Monitoring, tool: str, arguments: tuple[str, ...], file: str
) -> None:
    server = monitoring.alertmanager if tool == "amtool" else monitoring.prometheus
    process = await asyncio.create_subprocess_exec(
        server.path.parent / tool,
        *arguments,
        ROOT / "deploy" / "alertmanager" / file,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=server.folder,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, said.decode()


def test_the_rules_we_ship_name_metrics_that_there_are() -> None:
    rules = (ROOT / "deploy" / "alertmanager" / "mendwheel-rules.yml").read_text("utf-8")
    page = generate_latest(Metrics().registry).decode()
    named = set(re.findall(r"mendwheel_[a-z_]+", rules))
    assert named
    for name in named:
        assert f"# TYPE {name.removesuffix('_bucket')} " in page, name
