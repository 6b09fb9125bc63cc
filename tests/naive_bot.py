"""A bot as it is often written: it acknowledges, posts, and remembers nothing.

It checks no signature, knows no delivery again, posts whatever it is given, and uses the clients
with their defaults. `mendwheel conformance` must tell it from an app that does its work.

Run by hand: `python tests/naive_bot.py`, with the settings that `mendwheel conformance` shows.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import aiohttp
import uvicorn
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class NaiveBot:
    """Two endpoints, and a task for each thing that it was told."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings
        self._slack = AsyncWebClient(
            settings["MENDWHEEL_SLACK_BOT_TOKEN"], base_url=settings["MENDWHEEL_SLACK_BASE_URL"]
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self.app = Starlette(
            routes=[
                Route("/slack/events", self.slack, methods=["POST"]),
                Route("/jira/webhook", self.jira, methods=["POST"]),
            ],
            lifespan=self._lifespan,
        )

    async def slack(self, request: Request) -> Response:
        if request.headers["content-type"].startswith("application/json"):
            body = await request.json()
            if "challenge" in body:
                return JSONResponse({"challenge": body["challenge"]})
            event = body["event"]
            text = event.get("text") or "an event"
            self._later(self._answer(event["channel"], text, event.get("ts")))
            return Response()
        form = await request.form()
        if "payload" not in form:
            self._later(self._answer(str(form["channel_id"]), str(form["text"]), None))
        return Response("Working on it")

    async def jira(self, request: Request) -> Response:
        body = await request.json()
        self._later(self._comment(body["issue"]["key"], str(body["issue"]["fields"]["summary"])))
        return Response()

    async def _answer(self, channel: str, text: str, thread: str | None) -> None:
        words = {"type": "section", "text": {"type": "mrkdwn", "text": f"You said: {text}"}}
        with contextlib.suppress(SlackApiError, aiohttp.ClientError, TimeoutError):
            await self._slack.chat_postMessage(channel=channel, thread_ts=thread, blocks=[words])
            await self._slack.chat_postMessage(channel=channel, thread_ts=thread, text="Done.")

    async def _comment(self, key: str, summary: str) -> None:
        settings = self._settings
        who = aiohttp.BasicAuth(settings["MENDWHEEL_JIRA_USER"], settings["MENDWHEEL_JIRA_TOKEN"])
        url = f"{settings['MENDWHEEL_JIRA_BASE_URL']}/rest/api/2/issue/{key}/comment"
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(auth=who) as session,
                session.post(url, json={"body": f"Working on: {summary}"}),
            ):
                return

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        for task in list(self._tasks):
            task.cancel()


def main() -> None:
    with socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0")))) as bound:
        sys.stdout.write(json.dumps({"port": bound.getsockname()[1]}) + "\n")
        sys.stdout.flush()
        config = uvicorn.Config(NaiveBot(dict(os.environ)).app, log_level="critical")
        asyncio.run(uvicorn.Server(config).serve(sockets=[bound]))


if __name__ == "__main__":
    main()
