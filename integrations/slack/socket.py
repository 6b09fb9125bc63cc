"""Socket Mode: we call Slack, so no address of ours has to be public. The listeners are shared."""

import asyncio
import logging
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.socket_mode.request import SocketModeRequest

from mendwheel.integrations.slack.app import SlackApp
from mendwheel.integrations.slack.errors import explained
from mendwheel.settings import Settings

PING_SECONDS = 10.0
FINISH_WITHIN = 3.0
"""Seconds that what Slack has sent already is worked on after the end has come."""

_log = logging.getLogger(__name__)


async def run(app: SlackApp, settings: Settings) -> None:
    """Serve until cancelled; connections that break are made again.

    Raises:
        ValueError: no app token is set.
        PlaceError: Slack refuses the app token, or cannot be reached at the start.
    """
    if settings.slack_app_token is None:
        raise ValueError("Socket Mode needs MENDWHEEL_SLACK_APP_TOKEN, a xapp-… token")
    token = settings.slack_app_token.get_secret_value()
    # Asked here first: the client below would repeat a refusal for ever, with a traceback each.
    with explained("slack (MENDWHEEL_SLACK_APP_TOKEN)"):
        opened = await app.client.apps_connections_open(app_token=token)
    connection = _Connection(app, token)
    connection.client.wss_uri = opened["url"]
    try:
        await connection.client.connect()
        _log.info("Slack: connected in Socket Mode")
        await asyncio.Event().wait()
    finally:
        await connection.end()
        await app.settle()


class _Connection:
    """Bolt's handler, which remembers what it works on, so that the end can wait for it."""

    def __init__(self, app: SlackApp, token: str) -> None:
        self._handler = AsyncSocketModeHandler(app, token, ping_interval=PING_SECONDS)
        self._working: set[asyncio.Task[Any]] = set()
        self.client: Any = self._handler.client  # untyped
        self.client.socket_mode_request_listeners[:] = [self._take]

    async def _take(self, client: Any, request: SocketModeRequest) -> None:
        task = asyncio.current_task()
        assert task is not None, "listeners run in tasks of their own"
        self._working.add(task)
        try:
            await self._handler.handle(client, request)
        finally:
            self._working.discard(task)

    async def end(self) -> None:
        """Take nothing more, finish what was taken, close."""
        client = self.client
        if client.message_receiver is not None:
            client.message_receiver.cancel()
        if self._working:
            await asyncio.wait(set(self._working), timeout=FINISH_WITHIN)
        tasks = (client.message_processor, client.current_session_monitor, client.message_receiver)
        await client.close()
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)
