"""Counts of what reaches us over HTTP, for Prometheus. No label holds text or ids of tickets."""

import ipaddress
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Literal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mendwheel.integrations.bearer import bears

EDGES = {"/slack/events": "slack", "/jira/webhook": "jira", "/alerts": "alerts"}
_ROUTES = EDGES | {"/healthz": "health", "/readyz": "ready", "/metrics": "metrics"}

Became = Literal[
    "ticket",  # started one
    "informed",  # told a running one
    "handed_over",  # to a workflow, or answered at once
    "nothing",  # known already, or not for us
    "refused",  # the person or the text
    "unauthorised",  # wrong signature or token
    "unavailable",  # Temporal or the store was away
    "failed",  # a mistake of ours
]
"""What can become of a delivery. A closed list, because every value is a time series."""

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
_ANSWERS: dict[int, Became] = {401: "unauthorised", 403: "unauthorised", 503: "unavailable"}


class Metrics:
    """Registry of one served app: of its own, so that two apps in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mendwheel_requests",
            "Requests by route and status.",
            ["route", "status"],
            registry=self.registry,
        )
        self.hand_over = Histogram(
            "mendwheel_hand_over_seconds",
            "From the request to the answer that says it was handed over.",
            ["edge"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.deliveries = Counter(
            "mendwheel_deliveries",
            "Deliveries of Slack, Jira and Alertmanager by what became of them.",
            ["edge", "became"],
            registry=self.registry,
        )
        self.up = Gauge(
            "mendwheel_up",
            "1 while what we hand over to answers: temporal, store.",
            ["part"],
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)


class _Delivery:
    """What is being handled now; counted once."""

    def __init__(self, metrics: Metrics, edge: str) -> None:
        self._metrics = metrics
        self._edge = edge
        self._told = False

    def count(self, became: Became) -> None:
        if not self._told:
            self._told = True
            self._metrics.deliveries.labels(self._edge, became).inc()


_now: ContextVar[_Delivery | None] = ContextVar("mendwheel_delivery", default=None)


def became(what: Became) -> None:
    """Say what becomes of the delivery that is being handled; counts nothing elsewhere.

    Tasks that a handler starts inherit it, so it may be said from anywhere below the handler.
    """
    delivery = _now.get()
    if delivery is not None:
        delivery.count(what)


class Measured:
    """Counts every request, and of the edges also how long the hand-over took."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        edge = EDGES.get(scope["path"])
        delivery = _Delivery(self._metrics, edge) if edge else None
        token = _now.set(delivery)
        began, status = time.monotonic(), 500  # what never answers is answered with 500 outside

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            _now.reset(token)
            route = _ROUTES.get(scope["path"], "other")  # paths are the sender's text
            self._metrics.requests.labels(route, str(status)).inc()
            if edge and delivery:
                self._metrics.hand_over.labels(edge).observe(time.monotonic() - began)
                delivery.count(_told_by(status))


def _told_by(status: int) -> Became:
    """What a status says, where the edge has not said more."""
    if status < 400:
        return "handed_over"
    return _ANSWERS.get(status, "refused" if status < 500 else "failed")


class MetricsPage:
    """`/metrics`: for callers on this machine, and for whoever bears the alerts token."""

    def __init__(
        self,
        metrics: Metrics,
        parts: Callable[[], Awaitable[dict[str, bool]]],
        token: SecretStr | None,
    ) -> None:
        self._metrics = metrics
        self._parts = parts
        self._token = token

    async def __call__(self, request: Request) -> Response:
        if not self._allowed(request):
            raise HTTPException(
                401,
                "metrics are for this machine: send the token of MENDWHEEL_ALERTS_TOKEN",
                headers={"WWW-Authenticate": "Bearer"},
            )
        for part, answers in (await self._parts()).items():
            self._metrics.up.labels(part).set(answers)
        page = generate_latest(self._metrics.registry)
        return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _allowed(self, request: Request) -> bool:
        if _local(request.client.host if request.client else ""):
            return True
        return self._token is not None and bears(request, self._token)


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
