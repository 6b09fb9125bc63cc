"""One ASGI app for all that reaches us over HTTP: Slack, Jira, alerts, health and metrics."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mendwheel.integrations import codec
from mendwheel.integrations.alerts.webhook import AlertsWebhook
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.metrics import Measured, Metrics, MetricsPage
from mendwheel.integrations.middleware import BodyLimit, RequestId, request_id
from mendwheel.integrations.ready import Readiness

BODY_LIMIT = 1_000_000
"""Bytes of one request; more is answered with 413."""

HAND_OVER_WITHIN = 2.0
"""Seconds until Temporal or the store count as away and the sender is asked to come again."""

Endpoint = Callable[[Request], Awaitable[Response]]
Beginning = Callable[[], None]
Ending = Callable[[], Awaitable[None]]


def build(edge: Edge, *, within: float = HAND_OVER_WITHIN) -> Starlette:
    """The app. The stores must be open while it serves; the client may connect later.

    `/slack/events` is there when Slack calls us, `/jira/webhook` when Jira is used.
    `within`: seconds until Temporal or the store count as away.
    Served with its lifespan on, it ends in order: what people are still to be told is told first.
    """
    metrics, ready = Metrics(), Readiness(edge, within)
    page = MetricsPage(metrics, ready.parts, edge.settings.alerts_token)
    edges, beginnings, endings = _edges(edge, within)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        for begin in beginnings:
            begin()
        yield
        for end in endings:
            await end()

    return Starlette(
        lifespan=lifespan,
        routes=[
            *edges,
            *codec.routes(edge.settings),
            Route("/healthz", healthz),
            Route("/readyz", _awaited(ready)),
            Route("/metrics", _awaited(page)),
        ],
        middleware=[
            Middleware(RequestId),
            Middleware(Measured, metrics=metrics),
            Middleware(BodyLimit, limit=BODY_LIMIT),
        ],
        exception_handlers={
            HTTPException: _refused,
            ClientDisconnect: _cut_off,
            Exception: _broken,
        },
    )


def _edges(edge: Edge, within: float) -> tuple[list[Route], list[Beginning], list[Ending]]:
    """Only what is used is imported: Slack's and Jira's libraries take their time."""
    settings, beginnings, endings = edge.settings, list[Beginning](), list[Ending]()
    routes = [Route("/alerts", _awaited(AlertsWebhook(edge, within)), methods=["POST"])]
    if settings.jira:
        from mendwheel.integrations.jira.webhook import JiraWebhook

        webhook = _awaited(JiraWebhook(edge, within))
        routes.append(Route("/jira/webhook", webhook, methods=["POST"]))
    if settings.slack and settings.slack_mode == "http":
        from mendwheel.integrations.slack import app

        slack = app.build(edge)
        beginnings.append(slack.begin)
        endings.append(slack.settle)
        events = _awaited(app.handler(slack).handle)
        routes.append(Route("/slack/events", events, methods=["POST"]))
    return routes, beginnings, endings


def _awaited(endpoint: Endpoint) -> Endpoint:
    """A function, which is what Starlette calls with a request; an object it would call as ASGI."""

    async def call(request: Request) -> Response:
        return await endpoint(request)

    return call


async def healthz(request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(request, error.status_code, error.detail, dict(error.headers or {}))


async def _cut_off(request: Request, error: Exception) -> Response:
    return _error(request, 400, "the connection ended before the body did: send it again", {})


async def _broken(request: Request, error: Exception) -> Response:
    # The traceback goes to the log, by the server; what it holds is nobody else's business.
    return _error(request, 500, "a mistake of ours: the log has it under this request id", {})


def _error(request: Request, status: int, what: str, headers: dict[str, str]) -> Response:
    name = request_id(request.scope)
    body = {"error": what, "request_id": name}
    return JSONResponse(body, status, headers={**headers, "X-Request-ID": name})
