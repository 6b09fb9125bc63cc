"""Stands between our processes and Slack's and Jira's counterparts, and makes requests go wrong.

It notes what was carried out over there, so that what happened is not taken from our own words.
"""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.faults.calls import Call, of_call, of_jira, of_model, of_remedy, of_slack, of_tool
from bench.faults.deaths import Deaths
from bench.faults.plan import Fates
from mendwheel.testing.serving import HangUp, Served, caller_gone, pause

HOLD = 12.0
"""Seconds a request without answer is held at most; clients give up after five."""

LAG = 0.7
"""Seconds between a client's end and the write that it began."""

_PASSED_ON = ("content-type", "retry-after")
_HANDED_ON = ("authorization", "content-type", "accept", "idempotency-key", "mcp-protocol-version")


@dataclass(frozen=True)
class Executed:
    """A write that was carried out. `answered`: its sender was told. `gone`: when it had left."""

    call: Call
    at: float
    answered: bool
    gone: float | None = None


@dataclass
class Met:
    """What the proxy has seen."""

    executed: list[Executed] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    opened: list[dict[str, Any]] = field(default_factory=list)
    """Dialogs that people were shown."""


class Proxy(Served):
    """All that a world writes to, by the first part of the path, on a port of its own."""

    def __init__(self, slack: str, jira: str, platform: str, fates: Fates, deaths: Deaths) -> None:
        super().__init__()
        self._upstream = {
            "slack": slack.removesuffix("/api/"),
            "jira": jira,
            "mcp": platform,
            "api": f"{platform}/api",
            "model": f"{platform}/model",
        }
        self._fates = fates
        self._deaths = deaths
        self._asked: Counter[str] = Counter()
        self._session: aiohttp.ClientSession | None = None
        self._late: set[asyncio.Task[None]] = set()
        self.met = Met()

    def app(self) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self._serve_one(scope, receive, send)

        return app  # uvicorn takes a method for an app of an older kind

    async def last_things(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _serve_one(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        with suppress(ClientDisconnect):
            response = await self._answer(request, await request.body())
            await response(scope, receive, send)

    async def _answer(self, request: Request, body: bytes) -> Response:
        side, path = request.url.path.lstrip("/").split("/", 1)
        if side == "mcp" and request.method != "POST":
            return PlainTextResponse("no stream is offered", 405)
        call = _call(side, request.method, path, body, request.headers.get("content-type", ""))
        what = f"{call.name} {call.where} {call.key}"
        number, self._asked[what] = self._asked[what], self._asked[what] + 1
        self.met.requests += 1
        if call.writes and self._deaths.at("in-flight", call.name):
            self.met.fates[f"{call.name} killed in flight"] += 1
            self._carry_out_later(request, side, path, body, call)
            return HangUp()
        fate = self._fates.draw(call.kind, what, number)
        if fate:
            self.met.fates[f"{call.kind} {fate}"] += 1
        match fate:
            case "429":
                return _limited(side)
            case "503":
                return PlainTextResponse("upstream is away", 503)
            case "timeout":
                await caller_gone(request, self.closing, HOLD)
                return HangUp()
            case "in-flight":
                await caller_gone(request, self.closing, HOLD)
                gone = time.time()
                await pause(LAG, self.closing)
                await self._carry_out(request, side, path, body, call, answered=False, gone=gone)
                return HangUp()
            case "lost":
                await self._carry_out(request, side, path, body, call, answered=False)
                return HangUp()
        return await self._pass_on(request, side, path, body, call)

    async def _pass_on(
        self, request: Request, side: str, path: str, body: bytes, call: Call
    ) -> Response:
        response = await self._forward(request, side, path, body)
        killed = call.writes and self._deaths.at("written", call.name)
        self._note(call, response, answered=not killed)
        return HangUp() if killed else response

    def _carry_out_later(
        self, request: Request, side: str, path: str, body: bytes, call: Call
    ) -> None:
        gone = time.time()

        async def later() -> None:
            await pause(LAG, self.closing)
            await self._carry_out(request, side, path, body, call, answered=False, gone=gone)

        task = asyncio.ensure_future(later())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _carry_out(
        self,
        request: Request,
        side: str,
        path: str,
        body: bytes,
        call: Call,
        *,
        answered: bool,
        gone: float | None = None,
    ) -> None:
        response = await self._forward(request, side, path, body)
        self._note(call, response, answered=answered, gone=gone)

    def _note(
        self, call: Call, response: Response, *, answered: bool, gone: float | None = None
    ) -> None:
        refused = b'"ok":false' in bytes(response.body).replace(b" ", b"")[:200]
        if call.writes and response.status_code < 300 and not refused:
            self.met.executed.append(Executed(call, time.time(), answered, gone))
            if call.name == "views.open":
                self.met.opened.append(call.view)

    async def _forward(self, request: Request, side: str, path: str, body: bytes) -> Response:
        if side == "call":
            return JSONResponse({"status": "success"}, 202)
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {name: value for name, value in request.headers.items() if name in _HANDED_ON}
        url = f"{self._upstream[side]}/{path}{query}"
        async with self._session.request(request.method, url, data=body, headers=headers) as got:
            kept = {k: v for k, v in got.headers.items() if k.lower() in _PASSED_ON}
            return Response(await got.read(), got.status, headers=kept)


def _call(side: str, verb: str, path: str, body: bytes, content_type: str) -> Call:
    if side == "slack":
        return of_slack(path, body, content_type)
    if side == "jira":
        return of_jira(verb, path, body)
    if side == "api":
        return of_remedy(verb, path)
    return {"mcp": of_tool, "model": of_model, "call": of_call}[side](body)


def _limited(side: str) -> Response:
    words = {"ok": False, "error": "ratelimited"} if side == "slack" else {"errorMessages": ["429"]}
    return JSONResponse(words, 429, headers={"Retry-After": "1"})
