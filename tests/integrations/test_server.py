"""What every request gets, what the process prints and logs, and how it ends."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from starlette.types import Message, Scope
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from mendwheel.integrations.edge import Edge
from mendwheel.integrations.server import BODY_LIMIT, build
from mendwheel.integrations.trying import keep_trying
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.testing import SlackSide
from tests.conftest import BIN
from tests.integrations.served_app import (
    TOKEN,
    Answer,
    Site,
    ask,
    changed,
    forwarding,
    free_port,
    fresh,
    plain,
    served,
)

pytestmark = pytest.mark.server

SIGNING_SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def site(client: Client, settings: Settings) -> AsyncIterator[Site]:
    async with served(plain(client), changed(settings, alerts_token=TOKEN)) as site:
        yield site


async def test_a_body_over_the_limit_is_refused(site: Site) -> None:
    answer = await site.post(b" " * (BODY_LIMIT * 3))
    assert answer.status == 413
    assert "1,000,000 bytes" in answer.body["error"]


async def test_a_hostile_request_id_is_replaced(site: Site) -> None:
    answer = await site.post(b"{", **{"X-Request-ID": "a b;<script>"})
    assert answer.request_id.isalnum()
    assert (await site.get("/nowhere")).status == 404


@pytest.mark.parametrize("path", ["/slack/events", "/jira/webhook"])
async def test_an_edge_that_is_not_set_up_is_not_there(site: Site, path: str) -> None:
    assert (await site.post({}, path=path)).status == 404


async def test_readiness_follows_temporal(client: Client, settings: Settings) -> None:
    host, _, target = client.service_client.config.target_host.rpartition(":")
    port = free_port()
    lazy = await Client.connect(
        f"127.0.0.1:{port}", data_converter=pydantic_data_converter, lazy=True
    )
    async with served(lazy, settings) as site:
        away = await site.get("/readyz")
        assert (away.status, away.body) == (503, {"temporal": "away", "store": "ok"})
        assert (await site.get("/healthz")).status == 200
        assert (await site.metrics())['mendwheel_up{part="temporal"}'] == 0
        async with forwarding(port, host, int(target)):
            assert (await site.get("/readyz")).status == 200
            assert (await site.metrics())['mendwheel_up{part="temporal"}'] == 1


async def test_metrics_count_what_came_and_what_became_of_it(site: Site) -> None:
    canary = f"canary{os.urandom(4).hex()}"
    news = {
        "version": "4",
        "groupKey": canary,
        "status": "firing",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": canary},
                "startsAt": "2026-03-01T10:00:00Z",
            }
        ],
    }
    [ticket] = (await site.post(news)).body["tickets"]
    await site.post(news)
    await site.post(news, token="wrong")
    await site.post(b"{")
    await site.get(f"/{canary}")
    found = await site.metrics()
    became = {
        what: found[f'mendwheel_deliveries_total{{became="{what}",edge="alerts"}}']
        for what in ("ticket", "nothing", "unauthorised", "refused")
    }
    assert became == {"ticket": 1, "nothing": 1, "unauthorised": 1, "refused": 1}
    assert found['mendwheel_requests_total{route="alerts",status="200"}'] == 2
    assert found['mendwheel_requests_total{route="other",status="404"}'] == 1
    assert found['mendwheel_hand_over_seconds_count{edge="alerts"}'] == 4
    page = (await site.get("/metrics")).text
    assert canary not in page
    assert ticket not in page


@pytest.mark.parametrize(
    ("caller", "token", "status"),
    [
        ("127.0.0.1", "", 200),
        ("::1", "", 200),
        ("203.0.113.7", "", 401),
        ("203.0.113.7", "wrong", 401),
        ("203.0.113.7", TOKEN, 200),
        ("testclient", "", 401),
    ],
)
async def test_metrics_are_for_this_machine_or_for_who_bears_the_token(
    client: Client, settings: Settings, caller: str, token: str, status: int
) -> None:
    answered: list[Message] = []
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/metrics",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
        "client": (caller, 1),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        answered.append(message)

    with Stores(settings.store_path) as stores:
        own = changed(settings, alerts_token=TOKEN)
        await build(Edge.over(plain(client), stores, own))(scope, receive, send)
    assert answered[0]["status"] == status


@contextlib.asynccontextmanager
async def serving(folder: Path, **settings: str) -> AsyncIterator[tuple[Process, list[str], int]]:
    """`mendwheel serve` as a process: it, what it printed, its port.

    Temporal never answers, unless `temporal_address` is given.
    """
    # A port that is bound and does not listen: nothing can come to answer there meanwhile.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        given = {
            "listen": "127.0.0.1:0",
            "temporal_address": f"127.0.0.1:{silent.getsockname()[1]}",
        } | settings
        environment = {f"MENDWHEEL_{name.upper()}": value for name, value in given.items()}
        environment["PATH"] = os.environ["PATH"]
        process = await asyncio.create_subprocess_exec(
            BIN / "mendwheel", "serve", stdout=PIPE, stderr=PIPE, cwd=folder, env=environment
        )
        try:
            assert process.stdout is not None
            lines = []
            while not lines or "health" not in lines[-1]:
                line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
                assert line, (await process.communicate())[1].decode()
                lines.append(line)
            yield process, lines, int(lines[0].rpartition(":")[2])
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()


async def ended(process: Process) -> str:
    """Tell it to stop; returns what it logged."""
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_serve_lives_without_temporal_and_ends_in_order(tmp_path: Path) -> None:
    async with serving(tmp_path, alerts_token=TOKEN) as (process, lines, port):
        assert [line.split()[0] for line in lines] == [
            "listening",
            "slack",
            "jira",
            "alerts",
            "health",
        ]
        assert f"http://127.0.0.1:{port}/alerts" in lines[3]
        assert (await asyncio.to_thread(ask, port, "/healthz")).status == 200
        assert (await asyncio.to_thread(ask, port, "/readyz")).status == 503
        said = await ended(process)
    assert "GET '/readyz' 503" in said
    assert TOKEN not in said


async def test_a_request_under_way_is_answered_after_the_signal_to_stop(tmp_path: Path) -> None:
    body = json.dumps({"version": "4", "groupKey": "g", "alerts": []}).encode()
    async with serving(tmp_path) as (process, _, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /alerts HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[:10])
        await writer.drain()
        assert (await asyncio.to_thread(ask, port, "/healthz")).status == 200
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(closed(port), 10)
        writer.write(body[10:])
        await writer.drain()
        assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 400")
        writer.close()
        await ended_by_itself(process)


async def closed(port: int) -> None:
    """Until nobody accepts connections there."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return
        writer.close()
        await asyncio.sleep(0.05)


async def ended_by_itself(process: Process) -> None:
    await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0


async def test_the_polls_schedule_is_what_the_settings_say(client: Client, tmp_path: Path) -> None:
    tenant = fresh("tenant")
    own = {
        "temporal_address": client.service_client.config.target_host,
        "tenant": tenant,
        "jira_base_url": "http://127.0.0.1:1",
        "jira_user": "bot@example.net",
        "jira_token": "token",
        "jira_poll_seconds": "3600",
    }
    handle = client.get_schedule_handle(f"mendwheel-poll-{tenant}")
    async with serving(tmp_path, **own) as (process, lines, _):
        assert "every 3600 s" in lines[2]
        await until(handle.describe)
        await ended(process)
    async with serving(tmp_path, **own | {"jira_poll_seconds": "0"}) as (process, _, _):
        await until_not(handle.describe)
        await ended(process)


async def until(look: Callable[[], Awaitable[object]]) -> None:
    """Until `look` finds it."""
    async with asyncio.timeout(20):
        while True:
            try:
                await look()
            except RPCError:
                await asyncio.sleep(0.05)
            else:
                return


async def until_not(look: Callable[[], Awaitable[object]]) -> None:
    """Until `look` finds nothing any more."""
    async with asyncio.timeout(20):
        with contextlib.suppress(RPCError):
            while True:
                await look()
                await asyncio.sleep(0.05)


async def test_a_way_in_that_is_away_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mendwheel.integrations.trying._AGAIN", (0.0, 0.0))
    left = [OSError("no network"), ValueError()]

    async def work() -> None:
        if left:
            raise left.pop(0)

    await keep_trying("Slack's Socket Mode", work)
    assert [record.getMessage() for record in caplog.records] == [
        "Slack's Socket Mode: no network: trying again in 0 s",
        "Slack's Socket Mode: ValueError: trying again in 0 s",
    ]


def slack_headers(body: bytes, secret: str = SIGNING_SECRET) -> dict[str, str]:
    at = str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
        "Content-Type": "application/json",
    }


async def test_people_in_slack_are_told_at_once_that_temporal_is_away(
    client: Client, settings: Settings
) -> None:
    lazy = await Client.connect(
        f"127.0.0.1:{free_port()}", data_converter=pydantic_data_converter, lazy=True
    )
    async with SlackSide() as slack:
        own = changed(
            settings,
            slack_bot_token=slack.token,
            slack_signing_secret=slack.signing_secret,
            slack_base_url=slack.base_url,
        )
        async with served(lazy, own, within=2.0) as site:
            answer = await slack.command(
                f"http://127.0.0.1:{site.port}/slack/events", "Exports fail"
            )
            found = await site.metrics()
    assert (answer.status, "Not taken" in answer.body) == (200, True), answer
    assert found['mendwheel_deliveries_total{became="unavailable",edge="slack"}'] == 1
    assert found['mendwheel_hand_over_seconds_bucket{edge="slack",le="3.0"}'] == 1


CANARIES = {
    "alerts_token": "canary-alerts-token",
    "attestation_key": "canary-attestation-key",
    "model_api_key": "canary-model-key",
    "slack_bot_token": "xoxb-canary-bot-token",
    "slack_app_token": "xapp-canary-app-token",
    "slack_signing_secret": SIGNING_SECRET,
    "jira_token": "canary-jira-token",
    "jira_webhook_secret": "canary-webhook-secret",
    "oncall_key": "canary-oncall-key",
}


@pytest.fixture
def slack() -> Iterator[SlackSide]:
    token = CANARIES["slack_bot_token"]
    with SlackSide(token=token, signing_secret=SIGNING_SECRET) as side:
        yield side


async def test_no_secret_is_ever_logged(tmp_path: Path, slack: SlackSide) -> None:
    own = CANARIES | {
        "slack_base_url": slack.base_url,
        "jira_base_url": f"http://127.0.0.1:{free_port()}",
        "jira_user": "bot@example.net",
        "log_level": "debug",
    }
    event = {
        "type": "event_callback",
        "token": "canary-verification",
        "event_id": "Ev1",
        "event": {"type": "app_mention", "user": "U1", "text": "canary-text", "channel": "C1"},
    }
    async with serving(tmp_path, **own) as (process, lines, port):

        async def post(path: str, body: bytes, **headers: str) -> Answer:
            given = {"X-Canary": "canary-header", "Authorization": "Bearer canary-guess"}
            return await asyncio.to_thread(ask, port, path, body, given | headers)

        challenge = json.dumps({"type": "url_verification", "challenge": "ok", "token": "canary-v"})
        unknown = json.dumps(
            event | {"event_id": "Ev2", "event": {"type": "unheard_of", "text": "canary"}}
        )
        for body in (challenge.encode(), json.dumps(event).encode(), unknown.encode()):
            await post("/slack/events", body, **slack_headers(body))
            await post("/slack/events", body, **slack_headers(body, "canary-wrong-secret"))
        where = f"http://127.0.0.1:{port}/slack/events"
        await slack.mention(where, "canary-mention")
        await slack.command(where, "canary-command")
        issue = json.dumps({"webhookEvent": "jira:issue_created", "canary": "canary-issue"})
        await post("/jira/webhook", issue.encode())
        signed = hmac.new(CANARIES["jira_webhook_secret"].encode(), issue.encode(), hashlib.sha256)
        await post(
            "/jira/webhook",
            issue.encode(),
            **{"X-Hub-Signature": f"sha256={signed.hexdigest()}"},
        )
        for token in ("canary-guess", CANARIES["alerts_token"]):
            await post("/alerts", b'{"canary": "canary-body"', Authorization=f"Bearer {token}")
            await post("/alerts?token=canary-query", b"{}", Authorization=f"Bearer {token}")
        said = "".join(lines) + await ended(process)
    assert "POST '/alerts'" in said
    assert "POST '/slack/events' 503" in said, "the listeners were reached, Temporal is away"
    assert "POST '/jira/webhook'" in said
    assert [line for line in said.splitlines() if "canary" in line] == []
    assert SIGNING_SECRET not in said
