"""A local Slack over HTTP: stateful, strict, and faulty on order.

It plays both halves: the Web API that an app calls, and (`SlackPlayer`) the people and events
that call the app.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mendwheel.testing import slack_chat, slack_reading
from mendwheel.testing.faults import Fault, FaultKind, Faults, suffer
from mendwheel.testing.slack_player import SlackPlayer
from mendwheel.testing.slack_responses import Ephemeral, ResponsePost, SlackResponses
from mendwheel.testing.slack_state import Json, SlackMessage, SlackProblem, Workspace
from mendwheel.testing.slack_views import SlackViews

Method = Callable[[Workspace, Json], Json]

_METHODS: dict[str, tuple[Method, str]] = {
    "auth.test": (slack_reading.auth_test, ""),
    "chat.postMessage": (slack_chat.post_message, "chat:write"),
    "chat.update": (slack_chat.update, "chat:write"),
    "chat.delete": (slack_chat.delete, "chat:write"),
    "chat.postEphemeral": (slack_chat.post_ephemeral, "chat:write"),
    "chat.getPermalink": (slack_chat.permalink, ""),
    "reactions.add": (slack_chat.add_reaction, "reactions:write"),
    "conversations.history": (slack_reading.history, "channels:history"),
    "conversations.replies": (slack_reading.replies, "channels:history"),
    "conversations.info": (slack_reading.info, "channels:read"),
    "conversations.list": (slack_reading.channels, "channels:read"),
    "conversations.members": (slack_reading.members, "channels:read"),
    "conversations.open": (slack_reading.open_direct, "im:write"),
    "users.info": (slack_reading.user_info, "users:read"),
    "users.list": (slack_reading.users, "users:read"),
    "users.lookupByEmail": (slack_reading.by_email, "users:read.email"),
    "usergroups.list": (slack_reading.groups, "usergroups:read"),
    "usergroups.users.list": (slack_reading.group_users, "usergroups:read"),
}
_SILENT = ("assistant.threads.", "agents.")


@dataclass
class SlackCall:
    """One request to the Web API. `at` is monotonic, `done` whether it had its effect."""

    method: str
    args: Json
    at: float
    ok: bool = False
    done: bool = False
    error: str = ""
    detail: str = ""
    fault: FaultKind | None = None


class SlackSide(SlackPlayer):
    """`with SlackSide() as slack:` and point the app at `slack.base_url` with `slack.token`.

    Every new side has the channel C0GENERAL and the users U0ALICE and U0BOB.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        token: str = "xoxb-local-token",  # noqa: S107
        signing_secret: str = "local-signing-secret",  # noqa: S107
    ) -> None:
        """Port 0 means any free one. Raises OSError: the port is taken."""
        super().__init__(port)
        self.token = token
        self.signing_secret = signing_secret
        self.space = Workspace()
        self.space.add_channel("C0GENERAL", "general")
        self.space.add_user("U0ALICE", "Alice", "alice@example.net")
        self.space.add_user("U0BOB", "Bob", "bob@example.net")
        self.views = SlackViews()
        self.calls: list[SlackCall] = []
        self.faults = Faults()
        self.responses = SlackResponses(self.space)

    @property
    def base_url(self) -> str:
        """For `WebClient(base_url=…)` and MENDWHEEL_SLACK_BASE_URL."""
        return f"{self.origin}/api/"

    @property
    def ephemerals(self) -> list[Ephemeral]:
        """What single people were shown, oldest first."""
        return list(self.responses.ephemerals)

    @property
    def response_posts(self) -> list[ResponsePost]:
        """What was sent to response URLs, oldest first."""
        return list(self.responses.posts)

    def fault(self, method: str, kind: str, times: int = 1, **more: Any) -> Fault:
        """Order `kind` (see `FaultKind`) for the next `times` calls of `method` (`chat.*`).

        Further words: see `Fault`. Raises ValueError: no such kind.
        """
        return self.faults.add(Fault(FaultKind(kind), method, times, **more))

    def messages(self, channel: str, *, by_app: bool | None = None) -> list[SlackMessage]:
        """Messages that stand in `channel`, oldest first; only the app's, or only people's."""
        known = self.space.channels.get(channel)
        found = [each for each in list(known.messages if known else []) if not each.deleted]
        return [each for each in found if by_app is None or each.by_app == by_app]

    def calls_of(self, method: str) -> list[SlackCall]:
        return [each for each in list(self.calls) if each.method == method]

    def app(self) -> ASGIApp:
        async def api(request: Request) -> Response:
            return await self._api(request)

        async def respond(request: Request) -> Response:
            return self.responses.take(request.path_params["name"], await request.body())

        return Starlette(
            routes=[
                Route("/api/{method}", api, methods=["GET", "POST"]),
                Route("/response/{name}", respond, methods=["POST"]),
            ]
        )

    async def _api(self, request: Request) -> Response:
        args = await _arguments(request)
        call = SlackCall(request.path_params["method"], args, time.monotonic())
        self.calls.append(call)
        fault = self.faults.take(call.method, str(args.get("channel") or ""), call.at)
        if fault is None:
            return self._do(request, call)
        call.fault = fault.kind
        do = lambda: self._do(request, call)  # noqa: E731
        return await suffer(fault, request, do, self._refuse, self.closing)

    def _do(self, request: Request, call: SlackCall) -> Response:
        try:
            self._authorise(request, call.args)
            result = self._result(call)
        except SlackProblem as problem:
            call.error, call.detail = problem.code, "; ".join(problem.more.get("errors", []))
            return self._answer({"ok": False, "error": problem.code, **problem.more})
        call.ok = call.done = True
        return self._answer({"ok": True, **result})

    def _authorise(self, request: Request, args: Json) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if kind.lower() == "bearer" else str(args.get("token") or "")
        if not token:
            raise SlackProblem("not_authed")
        if token != self.token:
            raise SlackProblem("invalid_auth")

    def _result(self, call: SlackCall) -> Json:
        name = call.method
        views = {
            "views.open": self.views.open,
            "views.update": self.views.update,
            "views.publish": self.views.publish,
        }
        if name in views:
            return views[name](self.space, call.args)
        if name.startswith(_SILENT):
            return {}
        if name not in _METHODS:
            raise SlackProblem("unknown_method", req_method=name)
        method, scope = _METHODS[name]
        if scope and scope not in self.space.scopes:
            provided = ",".join(sorted(self.space.scopes))
            raise SlackProblem("missing_scope", needed=scope, provided=provided)
        result = method(self.space, call.args)
        if name == "chat.postEphemeral":
            self.responses.show(call.args)
        return result

    def _answer(self, body: Json) -> Response:
        scopes = ",".join(sorted(self.space.scopes))
        return JSONResponse(body, headers={"x-oauth-scopes": scopes, "x-slack-req-id": "local"})

    def _refuse(self, fault: Fault) -> Response:
        if fault.kind is FaultKind.RATE_LIMITED:
            body = {"ok": False, "error": "ratelimited"}
            return JSONResponse(body, 429, headers=fault.retry_header())
        if fault.kind is FaultKind.UNAVAILABLE:
            return PlainTextResponse("upstream connect error", 503)
        return self._answer({"ok": False, "error": fault.code})


async def _arguments(request: Request) -> Json:
    """Arguments of a call, from the address, a form or a JSON body."""
    args: Json = dict(request.query_params)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            args |= dict(json.loads(body or b"{}"))
        except (ValueError, TypeError):
            return args
    elif body:
        args |= dict(_form(await request.form()))
    return args


def _form(form: Any) -> Iterator[tuple[str, str]]:
    for name, value in form.multi_items():
        if isinstance(value, str):
            yield name, value
