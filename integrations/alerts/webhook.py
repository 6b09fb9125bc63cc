"""Alertmanager's way in. Answers once the news is handed over durably, or asks to send it again."""

import asyncio
import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mendwheel.integrations.alerts.desk import AlertDesk
from mendwheel.integrations.alerts.payload import MalformedPayload, parse
from mendwheel.integrations.bearer import bears
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.metrics import became
from mendwheel.integrations.reach import TemporalUnreachable
from mendwheel.ports import StoreUnavailable

_log = logging.getLogger(__name__)


class AlertsWebhook:
    """The endpoint. Alertmanager repeats what is answered with 5xx, and nothing else.

    `within`: seconds until Temporal or the store count as away.
    """

    def __init__(self, edge: Edge, within: float) -> None:
        self._desk = AlertDesk(edge)
        self._token = edge.settings.alerts_token
        self._within = within

    async def __call__(self, request: Request) -> Response:
        if self._token is not None and not bears(request, self._token):
            raise HTTPException(
                401,
                "wrong or no bearer token: give Alertmanager the one in MENDWHEEL_ALERTS_TOKEN",
                headers={"WWW-Authenticate": "Bearer"},
            )
        try:
            group = parse(await request.body())
        except MalformedPayload as error:
            raise HTTPException(400, str(error)) from None
        try:
            async with asyncio.timeout(self._within):
                taken = await self._desk.take(group)
        except TimeoutError:
            raise HTTPException(503, "not handed over in time: send it again") from None
        except (TemporalUnreachable, StoreUnavailable) as error:
            _log.warning("an alert was not taken in: %s", error)
            # The reason names our addresses and paths: it is for the log.
            raise HTTPException(503, "not handed over: send it again") from None
        became(taken.became)
        return JSONResponse(taken.model_dump())
