"""`mendwheel serve` as the command runs it, with doors at which it may be killed."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.faults.deaths import Deaths
from bench.faults.worker import stores
from mendwheel.cli import serving
from mendwheel.cli.logs import to_stderr
from mendwheel.settings import Settings


class Doors:
    """Before a request is handed over, and when it is and has no answer yet."""

    def __init__(self, app: ASGIApp, deaths: Deaths) -> None:
        self._app = app
        self._deaths = deaths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        name = letter(scope["path"], body)
        self._deaths.at("asked", name)
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._deaths.at("answering", name)
            await send(message)

        await self._app(scope, again, answer)


def letter(path: str, body: bytes) -> str:
    """Which of `plan.LETTERS` it is."""
    if path == "/jira/webhook":
        return "webhook"
    if path == "/alerts":
        return "alert"
    if body.startswith(b"{"):
        return "event"
    [payload] = parse_qs(body.decode("utf-8", "replace")).get("payload", [""])
    if not payload:
        return "command"
    return "dialog" if json.loads(payload).get("type") == "view_submission" else "click"


def main(order: dict[str, Any], ready: Callable[[], None]) -> None:
    settings = Settings.model_validate(order["settings"])
    to_stderr(settings)
    host, port = settings.listen.split(":")
    deaths = Deaths(Path(order["folder"]))
    with socket.create_server((host, int(port))) as bound:

        def around(app: ASGIApp) -> ASGIApp:
            ready()
            return Doors(app, deaths)

        asyncio.run(serving.serve(settings, bound, stores=stores(settings, order), around=around))
