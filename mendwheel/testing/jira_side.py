"""A local Jira over HTTP, Cloud or Data Center: stateful, strict, and faulty on order.

It plays both halves: the REST API that an app calls, and (`JiraPlayer`) the people and webhooks
that call the app.
"""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mendwheel.testing import jira_routes
from mendwheel.testing.faults import Fault, FaultKind, Faults, suffer
from mendwheel.testing.jira_asking import Ask
from mendwheel.testing.jira_player import JiraPlayer, SentWebhook
from mendwheel.testing.jira_state import JiraComment, JiraIssue, JiraProblem, JiraSite, Json

_UNKNOWN = "Client must be authenticated to access this resource."


@dataclass
class JiraCall:
    """One request. `at` is monotonic, `done` whether it had its effect; `detail` why not."""

    operation: str
    method: str
    path: str
    key: str
    at: float
    writes: bool
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    status: int = 0
    done: bool = False
    detail: str = ""
    fault: FaultKind | None = None


class JiraSide(JiraPlayer):
    """`with JiraSide() as jira:` and point the app at `jira.base_url`, `jira.user`, `jira.token`.

    Every new side has the projects PROJ (software) and DESK (service desk), and the people `ann`
    and `ben`.
    """

    def __init__(
        self,
        deployment: Literal["cloud", "datacenter"] = "cloud",
        *,
        port: int = 0,
        user: str = "app@example.net",
        token: str = "local-api-token",  # noqa: S107
        webhook_secret: str = "local-webhook-secret-of-32-bytes",  # noqa: S107
    ) -> None:
        """Port 0 means any free one. Raises OSError: the port is taken."""
        super().__init__(port)
        self.deployment = deployment
        self.user, self.token, self.webhook_secret = user, token, webhook_secret
        cloud = deployment == "cloud"
        self.site = JiraSite(cloud=cloud, origin=self.origin, bot_email=user)
        self.site.projects |= {"PROJ": "software", "DESK": "service_desk"}
        prefix = "712020:" if cloud else ""
        self.ann = self.site.add_person(f"{prefix}ann", "Ann", "ann@example.net")
        self.ben = self.site.add_person(f"{prefix}ben", "Ben", "ben@example.net")
        self.calls: list[JiraCall] = []
        self.faults = Faults()
        self.sent: list[SentWebhook] = []
        self.site.listeners.append(self.announce)

    @property
    def base_url(self) -> str:
        """For `JIRA(server=…)` and MENDWHEEL_JIRA_BASE_URL."""
        return self.origin

    def fault(self, operation: str, kind: str, times: int = 1, **more: Any) -> Fault:
        """Order `kind` (see `FaultKind`) for the next `times` requests of `operation`.

        Operations are named in `jira_routes`, as `comment.create`; `comment.*` fits several.
        Further words: see `Fault`. Raises ValueError: no such kind.
        """
        return self.faults.add(Fault(FaultKind(kind), operation, times, **more))

    def issue(self, key: str) -> JiraIssue:
        """Raises JiraProblem: no such issue."""
        return self.site.issue(key)

    def comments(self, key: str, *, by_app: bool | None = None) -> list[JiraComment]:
        """Comments of an issue, oldest first; only the app's, or only people's."""
        found = list(self.site.issue(key).comments)
        return [each for each in found if by_app is None or each.author.app == by_app]

    def calls_of(self, operation: str, key: str | None = None) -> list[JiraCall]:
        found = [each for each in list(self.calls) if each.operation == operation]
        return [each for each in found if key is None or each.key == key]

    def writes(self, key: str) -> list[JiraCall]:
        """What the app changed on an issue, oldest first."""
        found = [each for each in list(self.calls) if each.key == key]
        return [each for each in found if each.writes and each.done]

    def app(self) -> ASGIApp:
        async def rest(request: Request) -> Response:
            return await self._rest(request)

        async def applications(request: Request) -> Response:
            return JSONResponse({"list": []})  # the jira library asks before it links

        verbs = ["GET", "POST", "PUT", "DELETE"]
        return Starlette(
            routes=[
                Route("/rest/api/{version}/{path:path}", rest, methods=verbs),
                Route("/rest/applinks/latest/listApplicationlinks", applications),
            ]
        )

    async def _rest(self, request: Request) -> Response:
        path, raw = request.path_params["path"], await request.body()
        operation = jira_routes.find(request.method, path)
        name, named = (operation.name, operation.path) if operation else ("unknown", {})
        key = self._key_of(named)
        call = JiraCall(
            *(name, request.method, path, key, time.monotonic()),
            writes=operation is not None and operation.writes,
            query=dict(request.query_params),
        )
        self.calls.append(call)

        def do() -> Response:
            with self.site.lock:
                return self._do(request, call, operation, raw)

        fault = self.faults.take(name, key, call.at)
        if fault is None:
            return do()
        call.fault = fault.kind
        return await suffer(fault, request, do, self._refuse, self.closing)

    def _do(
        self, request: Request, call: JiraCall, operation: jira_routes.Operation | None, raw: bytes
    ) -> Response:
        try:
            version = self._version(request.path_params["version"])
            if operation is None:
                raise JiraProblem(404, f"null for uri: {request.url.path}")
            if operation.name != "server.read":
                self._authorise(request)
            call.body = _parsed(raw)
            bot, site = self.site.bot, self.site
            ask = Ask(site, bot, version, operation.path, call.query, call.body)
            result = operation.handler(ask)
        except JiraProblem as problem:
            call.status, call.detail = problem.status, problem.detail or str(problem)
            return JSONResponse(problem.body, problem.status)
        call.done, call.status = True, 204 if result is None else operation.status
        return Response(status_code=204) if result is None else JSONResponse(result, call.status)

    def _version(self, named: str) -> str:
        known = {"2": "2", "latest": "2"} | ({"3": "3"} if self.site.cloud else {})
        if named not in known:
            raise JiraProblem(404, f"null for uri: /rest/api/{named}")
        return known[named]

    def _authorise(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        basic = base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
        right = f"Basic {basic}" if self.site.cloud else f"Bearer {self.token}"
        if given != right:
            raise JiraProblem(401, _UNKNOWN)

    def _key_of(self, named: dict[str, str]) -> str:
        """The issue's key, also where the address holds its id or only a comment's."""
        wanted, comment = named.get("key"), named.get("id")
        for issue in list(self.site.issues.values()):
            if wanted is not None and wanted in (issue.key, issue.id):
                return issue.key
            if wanted is None and any(each.id == comment for each in issue.comments):
                return issue.key
        return wanted or ""

    def _refuse(self, fault: Fault) -> Response:
        if fault.kind is FaultKind.RATE_LIMITED:
            headers = fault.retry_header() | {"RateLimit-Reason": "jira-burst-based"}
            said: Json = {"errorMessages": ["Rate limit exceeded."], "errors": {}}
            return JSONResponse(said, 429, headers=headers)
        if fault.kind is FaultKind.UNAVAILABLE:
            headers = fault.retry_header()
            return PlainTextResponse("Service Unavailable", 503, headers=headers)
        return JSONResponse({"errorMessages": [fault.code], "errors": {}}, fault.status)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        raise JiraProblem(400, "Unexpected character: the body is no JSON") from None
