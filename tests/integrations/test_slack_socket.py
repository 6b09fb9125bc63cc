"""Socket Mode against a small local Slack: the same listeners, and a clean end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from temporalio.client import Client

from mendwheel.integrations.edge import Edge
from mendwheel.integrations.slack import app, socket
from mendwheel.ports import PlaceError
from mendwheel.testing.slack_side import SlackSide
from tests.integrations.slack_site import away, newcomer, site, slack_settings
from tests.integrations.test_server import ended, serving
from tests.workflows.stage import speaking_pydantic
from tests.workflows.tickets import QUESTION

TOKEN = "xapp-local"


class Link:
    """Slack's end of the connection, and what it needs of the Web API besides."""

    def __init__(self) -> None:
        self.port = 0
        self.opened = 0
        self.received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.socket: web.WebSocketResponse | None = None
        self.connected = asyncio.Event()
        self.told: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    async def api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "apps.connections.open":
            if request.headers["Authorization"] != f"Bearer {TOKEN}":
                return web.json_response({"ok": False, "error": "invalid_auth"})
            self.opened += 1
            return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.port}/link"})
        if method == "chat.postEphemeral":
            self.told.append(await request.json())
        return web.json_response({"ok": True, "user_id": "U0BOT", "bot_id": "B0BOT"})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        self.socket = web.WebSocketResponse()
        await self.socket.prepare(request)
        self.connected.set()
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                await self.received.put(json.loads(message.data))
        return self.socket

    async def deliver(self, kind: str, payload: dict[str, Any], number: int) -> None:
        assert self.socket is not None
        envelope = {"envelope_id": f"e-{number}", "type": kind, "payload": payload}
        await self.socket.send_json(envelope | {"accepts_response_payload": True})


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    link = Link()
    served = web.Application()
    served.add_routes([web.post("/api/{method}", link.api), web.get("/link", link.link)])
    runner = web.AppRunner(served, shutdown_timeout=1)
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    link.port = runner.addresses[0][1]
    yield link
    await runner.cleanup()


@asynccontextmanager
async def running(client: Client, edge: Edge, within: float = 20.0) -> AsyncIterator[None]:
    """Socket Mode, cancelled at the end; nothing of it may be left over."""
    before = asyncio.all_tasks()
    served = Edge.over(speaking_pydantic(client), edge.stores, edge.settings)
    task = asyncio.ensure_future(socket.run(app.build(served, within=within), edge.settings))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
    left = {each for each in asyncio.all_tasks() - before if "slack" in str(each.get_coro())}
    assert not left


def _settings(tmp_path: Path, slack: SlackSide, link: Link, token: str = TOKEN) -> Any:
    return slack_settings(
        tmp_path, "socket", slack, slack_mode="socket", slack_app_token=token,
        slack_signing_secret=None, slack_base_url=link.url,
    )  # fmt: skip


async def test_commands_and_events_come_in_over_the_socket(
    client: Client, slack: SlackSide, link: Link, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, slack, link)
    async with site(client, settings, slack, working=False) as here, running(client, here.edge):
        await asyncio.wait_for(link.connected.wait(), 10)
        form = slack.command_form(QUESTION, newcomer(slack), "C0GENERAL", "/resolve")
        await link.deliver("slash_commands", form, 1)
        answer = await asyncio.wait_for(link.received.get(), 10)
        assert answer["envelope_id"] == "e-1"
        assert answer["payload"]["text"].startswith("Working on it")
        event = {"type": "app_mention", "user": newcomer(slack), "channel": "C0GENERAL",
                 "text": f"<@U0BOT> {QUESTION}", "ts": "1700000000.000100"}  # fmt: skip
        await link.deliver("events_api", slack.envelope(event), 2)
        assert (await asyncio.wait_for(link.received.get(), 10)) == {"envelope_id": "e-2"}
        ticket = here.stores.threads.ticket("slack:C0GENERAL/1700000000.000100")
        assert ticket == "mendwheel-default-slack-C0GENERAL-1700000000.000100"
        assert link.opened == 1


async def test_an_event_that_was_not_handed_over_is_not_acknowledged(
    client: Client, slack: SlackSide, link: Link, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, slack, link)
    async with (
        site(client, settings, slack, working=False) as here,
        running(await away(), here.edge, 0.3),
    ):
        await asyncio.wait_for(link.connected.wait(), 10)
        event = {"type": "app_mention", "user": "U0ALICE", "channel": "C0GENERAL",
                 "text": f"<@U0BOT> {QUESTION}", "ts": "1700000000.000200"}  # fmt: skip
        await link.deliver("events_api", slack.envelope(event), 1)
        await link.deliver("slash_commands", slack.command_form("help", "U0ALICE", "C1", "/x"), 2)
        # Answered while the first one still waits: neither holds the other up.
        assert (await asyncio.wait_for(link.received.get(), 10))["envelope_id"] == "e-2"
    # Told before the end, and never acknowledged: Slack brings it again.
    assert [told["user"] for told in link.told] == ["U0ALICE"]
    assert link.received.empty()


async def test_a_refused_app_token_ends_with_its_way_out(
    client: Client, slack: SlackSide, link: Link, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, slack, link, "xapp-wrong")
    async with site(client, settings, slack, working=False) as here:
        with pytest.raises(PlaceError, match=r"MENDWHEEL_SLACK_APP_TOKEN.*invalid_auth"):
            await socket.run(app.build(here.edge), settings)
        without = settings.model_copy(update={"slack_app_token": None})
        with pytest.raises(ValueError, match="MENDWHEEL_SLACK_APP_TOKEN"):
            await socket.run(app.build(here.edge), without)


async def test_a_lost_connection_is_made_again(
    client: Client, slack: SlackSide, link: Link, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, slack, link)
    async with site(client, settings, slack, working=False) as here, running(client, here.edge):
        await asyncio.wait_for(link.connected.wait(), 10)
        link.connected.clear()
        assert link.socket is not None
        await link.socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
        await asyncio.wait_for(link.connected.wait(), 10)
        form = slack.command_form("help", "U0ALICE", "C0GENERAL", "/resolve")
        await link.deliver("slash_commands", form, 1)
        assert (await asyncio.wait_for(link.received.get(), 10))["envelope_id"] == "e-1"
        assert link.opened == 2


async def test_serve_takes_in_what_comes_over_the_socket_and_ends_in_order(
    link: Link, tmp_path: Path
) -> None:
    given = {
        "slack_mode": "socket",
        "slack_base_url": link.url,
        "slack_bot_token": "xoxb-local",
        "slack_app_token": TOKEN,
    }
    async with serving(tmp_path, **given) as (process, lines, _):
        assert "Socket Mode" in lines[1]
        await asyncio.wait_for(link.connected.wait(), 20)
        form = {"command": "/resolve", "text": QUESTION, "user_id": "U1", "channel_id": "C1"}
        await link.deliver("slash_commands", form, 1)
        answer = await asyncio.wait_for(link.received.get(), 10)
        assert "Not taken" in answer["payload"]["text"], "Temporal is away, and that is told"
        assert TOKEN not in await ended(process)
    assert link.socket is not None
    assert link.socket.closed
