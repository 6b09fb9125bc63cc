"""What every request gets: an id that joins its answer to our log, and a limit to its body."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = "X-Request-ID"
_SAFE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KEY = "mendwheel.request_id"

_DRAINED = 8
"""So many times the limit is read away, because a sender cut off while sending hears no answer."""

_log = logging.getLogger(__name__)


def request_id(scope: Scope) -> str:
    """The id of a request that went through `RequestId`."""
    return str(scope.get(_KEY, ""))


class RequestId:
    """Keeps the sender's `X-Request-ID` if it is harmless, gives one if not; logs one line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_HEADER, "")
        scope[_KEY] = name = given if _SAFE.fullmatch(given) else uuid.uuid4().hex
        began = time.monotonic()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[_HEADER] = name
                # Method, path and status only: queries and headers may hold secrets.
                told = (scope["method"], scope["path"], message["status"])
                spent = round((time.monotonic() - began) * 1000)
                _log.info("%s %r %s in %d ms, request %s", *told, spent, name)
            await send(message)

        await self._app(scope, receive, answer)


class BodyLimit:
    """Refuses a body over `limit` bytes with 413, whatever length was declared."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                await self._drain(receive, message, seen)
                raise HTTPException(413, f"the body is over {self._limit:,} bytes: send less")
            return message

        await self._app(scope, limited, send)

    async def _drain(self, receive: Receive, message: Message, seen: int) -> None:
        while message.get("more_body") and seen <= _DRAINED * self._limit:
            message = await receive()
            seen += len(message.get("body", b""))
