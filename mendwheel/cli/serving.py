"""What `mendwheel serve` keeps running side by side, and how all of it stops in order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from signal import SIGINT, SIGTERM

import uvicorn
from starlette.types import ASGIApp
from temporalio.client import Client

from mendwheel.connect import connect
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.server import build
from mendwheel.integrations.trying import kept
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

FINISH_WITHIN = 10
"""Seconds that requests under way may still take after a signal to stop."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Told to stop, we stop in order: uvicorn would raise the signal again at the end.
        loop = asyncio.get_running_loop()
        for number in (SIGINT, SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def serve(
    settings: Settings,
    bound: socket.socket,
    *,
    stores: Stores | None = None,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> None:
    """Serve on `bound` until SIGINT or SIGTERM; what is under way then is finished first.

    `stores` in place of those of the settings, and what is put `around` the app, are for tests.
    """
    # Temporal may come later: until then senders are asked to come again.
    client = await connect(settings, lazy=True)
    stores = stores or Stores(settings.store_path)
    await asyncio.to_thread(stores.__enter__)
    try:
        edge = Edge.over(client, stores, settings)
        config = uvicorn.Config(
            around(build(edge)),
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FINISH_WITHIN,
        )
        async with _beside(edge, client):
            await _Server(config).serve(sockets=[bound])
    finally:
        await asyncio.to_thread(stores.__exit__, None, None, None)


@asynccontextmanager
async def _beside(edge: Edge, client: Client) -> AsyncIterator[None]:
    """What works without being called from outside; ended once the server has ended."""
    settings, works = edge.settings, list[asyncio.Task[None]]()
    if settings.jira:
        from mendwheel.integrations.jira.poll import ensure_schedule

        works.append(kept("Jira's poll", lambda: ensure_schedule(client, settings)))
    if settings.slack and settings.slack_mode == "socket":
        from mendwheel.integrations.slack import app, socket

        slack = app.build(edge)
        slack.begin()
        works.append(kept("Slack's Socket Mode", lambda: socket.run(slack, settings)))
    try:
        yield
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
