"""Jira's way in. A hint is handed over durably, then answered; the issue is read again later."""

import asyncio
import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mendwheel.integrations.edge import Edge
from mendwheel.integrations.jira.account import Account
from mendwheel.integrations.jira.events import Ignored, MalformedEvent, read
from mendwheel.integrations.jira.signatures import Unsigned, verify
from mendwheel.integrations.metrics import became
from mendwheel.integrations.reach import TemporalUnreachable

IDENTIFIER = "x-atlassian-webhook-identifier"

_log = logging.getLogger(__name__)


class JiraWebhook:
    """The endpoint. Jira Cloud repeats what is answered with 503; Data Center and Automation
    repeat nothing, for them the poll is the net.

    `within`: seconds until Temporal counts as away.
    """

    def __init__(self, edge: Edge, within: float) -> None:
        self._edge = edge
        self._within = within
        self._account = Account(edge.stores.cursors, edge.settings)

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        try:
            verify(request.headers, body, self._edge.settings.jira_webhook_secret)
        except Unsigned as error:
            raise HTTPException(401, str(error), headers={"WWW-Authenticate": "Bearer"}) from None
        try:
            async with asyncio.timeout(self._within):
                return await self._take(body, request.headers.get(IDENTIFIER, ""))
        except MalformedEvent as error:
            raise HTTPException(400, str(error)) from None
        except TimeoutError:
            raise HTTPException(503, "not handed over in time: send it again") from None
        except TemporalUnreachable as error:
            _log.warning("a webhook of Jira was not taken in: %s", error)
            # The reason names our addresses: it is for the log.
            raise HTTPException(503, "not handed over: send it again") from None

    async def _take(self, body: bytes, identifier: str) -> Response:
        ours = await asyncio.to_thread(self._account.known)
        found = read(body, identifier, self._edge.settings.jira_projects, ours)
        if isinstance(found, Ignored):
            became("nothing")
            return JSONResponse({"became": "ignored", "why": found.why})
        fresh = await self._edge.hints.start(found)
        became("handed_over" if fresh else "nothing")
        return JSONResponse({"became": "taken" if fresh else "known", "key": found.key})
