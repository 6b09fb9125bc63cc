"""Alertmanager's way in. Answers once the news is handed over durably, or asks to send it again."""

import asyncio
import hashlib
import hmac
import logging

from pydantic import BaseModel, SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mendwheel.domain.ids import ticket_id
from mendwheel.domain.outcome import Standing
from mendwheel.integrations.alerts import group as groups
from mendwheel.integrations.alerts.payload import AlertGroup, MalformedPayload, parse
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import TemporalUnreachable, TicketClosed, TicketNotFound
from mendwheel.ports import StoreUnavailable
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

HAND_OVER_WITHIN = 2.0
"""Seconds until Temporal or the store count as away and the sender is asked to come again."""

_log = logging.getLogger(__name__)


class Taken(BaseModel):
    """What became of a delivery."""

    tickets: list[str]
    became: str


class AlertsWebhook:
    """The endpoint. Alertmanager repeats what is answered with 5xx, and nothing else."""

    def __init__(
        self, intake: Intake, stores: Stores, settings: Settings, within: float = HAND_OVER_WITHIN
    ) -> None:
        self._intake = intake
        self._stores = stores
        self._settings = settings
        self._within = within

    async def __call__(self, request: Request) -> Response:
        _authorise(request, self._settings.alerts_token)
        try:
            group = parse(await request.body())
        except MalformedPayload as error:
            raise HTTPException(400, str(error)) from None
        try:
            async with asyncio.timeout(self._within):
                taken = await self._take(group)
        except TimeoutError:
            raise HTTPException(503, "not handed over in time: send it again") from None
        except (TemporalUnreachable, StoreUnavailable) as error:
            _log.warning("an alert was not taken in: %s", error)
            # The reason names our addresses and paths: it is for the log.
            raise HTTPException(503, "not handed over: send it again") from None
        return JSONResponse(taken.model_dump())

    async def _take(self, group: AlertGroup) -> Taken:
        told = await self._tell(group) if group.resolved else []
        if not group.firing:
            return Taken(tickets=told, became="informed" if told else "nothing runs")
        if told:
            return Taken(tickets=told, became="informed")
        draft = groups.to_draft(group)
        try:
            submitted = await self._intake.submit(draft)
        except TicketClosed:
            return Taken(tickets=[self._id(draft.key or "")], became="closed already")
        return Taken(tickets=[submitted.ticket_id], became="ticket")

    async def _tell(self, group: AlertGroup) -> list[str]:
        """Tell the group's tickets that still work what is over; returns those."""
        told = []
        text, delivery = groups.resolved_text(group), groups.delivery_id(group)
        for ticket in map(self._id, groups.possible_keys(group)):
            if await asyncio.to_thread(self._answered, ticket):
                continue
            try:
                await self._intake.inform(ticket, groups.REPORTER, text, delivery)
            except TicketNotFound:
                continue
            told.append(ticket)
        return told

    def _answered(self, ticket: str) -> bool:
        # Watched, it would take any word for "that did not help" and revoke a good answer.
        outcome = self._stores.outcomes.latest(ticket)
        return outcome is not None and outcome.standing is Standing.PROVISIONAL

    def _id(self, key: str) -> str:
        return ticket_id(self._settings.tenant, groups.SYSTEM, key)


def _authorise(request: Request, token: SecretStr | None) -> None:
    """Raises HTTPException 401. Digests are compared: their length tells nothing."""
    if token is None:
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(_digest(given.strip()), _digest(token.get_secret_value()))
    if scheme.lower() != "bearer" or not right:
        raise HTTPException(
            401,
            "wrong or no bearer token: give Alertmanager the one in MENDWHEEL_ALERTS_TOKEN",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8")).digest()
