"""One ASGI app for all that reaches us over HTTP: alerts, and whether we are alive and ready."""

import asyncio
import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.service import RPCError

from mendwheel.integrations.alerts.webhook import HAND_OVER_WITHIN, AlertsWebhook
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.middleware import BodyLimit, RequestId, request_id
from mendwheel.integrations.reach import Reach
from mendwheel.ports import StoreUnavailable
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

BODY_LIMIT = 1_000_000
"""Bytes of one request; more is answered with 413."""

_log = logging.getLogger(__name__)


def build(
    intake: Intake,
    reach: Reach,
    settings: Settings,
    stores: Stores,
    *,
    within: float = HAND_OVER_WITHIN,
) -> Starlette:
    """The app. `stores` must be open while it serves; the client may connect later.

    `within`: seconds until Temporal or the store count as away.
    """
    alerts = AlertsWebhook(intake, stores, settings, within)
    ready = Readiness(reach, stores, within)

    async def post_alerts(request: Request) -> Response:
        return await alerts(request)

    async def get_ready(request: Request) -> Response:
        return await ready(request)

    return Starlette(
        routes=[
            Route("/alerts", post_alerts, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", get_ready),
        ],
        middleware=[Middleware(RequestId), Middleware(BodyLimit, limit=BODY_LIMIT)],
        exception_handlers={
            HTTPException: _refused,
            ClientDisconnect: _cut_off,
            Exception: _broken,
        },
    )


async def healthz(request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


class Readiness:
    """Whether what comes now could be handed over: Temporal answers, the store can be read."""

    def __init__(self, reach: Reach, stores: Stores, within: float) -> None:
        self._reach = reach
        self._stores = stores
        self._within = within

    async def __call__(self, request: Request) -> Response:
        checks = {"temporal": await self._temporal(), "store": await self._store()}
        shown = {name: "ok" if fine else "away" for name, fine in checks.items()}
        return JSONResponse(shown, 200 if all(checks.values()) else 503)

    async def _temporal(self) -> bool:
        try:
            async with asyncio.timeout(self._within):
                return await self._reach.client.service_client.check_health()
        except (RPCError, RuntimeError, TimeoutError) as error:
            _log.info("not ready: Temporal: %s", type(error).__name__)
            return False

    async def _store(self) -> bool:
        try:
            async with asyncio.timeout(self._within):
                await asyncio.to_thread(self._stores.store.rows, "SELECT 1 FROM artifacts LIMIT 1")
        except (StoreUnavailable, TimeoutError) as error:
            _log.info("not ready: %s", error)
            return False
        return True


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
