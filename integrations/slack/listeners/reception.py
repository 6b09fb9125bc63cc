"""What all listeners share: hand over durably, then answer; and what is said when that fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from temporalio.service import RPCError

from mendwheel.domain.approval import Approval, Reply
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.metrics import became
from mendwheel.integrations.reach import IntakeError, TemporalUnreachable, TicketNotFound
from mendwheel.integrations.slack import modals
from mendwheel.integrations.slack.escape import literal
from mendwheel.integrations.slack.identity import Identity
from mendwheel.integrations.slack.listeners.membership import Membership
from mendwheel.integrations.slack.people import with_people
from mendwheel.integrations.slack.reading import Payload, Said, Where, plain, where
from mendwheel.integrations.slack.telling import FAILURES, Later, Told, Voice, kind
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import StoreUnavailable

HAND_OVER_WITHIN = 2.0
"""Seconds until Temporal or the store count as away. Slack wants its answer within three."""

GRACE = 0.4
"""Seconds more for a decision, which goes as a signal after two, and for a dialog to open."""

AWAY = (
    "*Not taken.* The workflow server or its store did not answer in time, so do not count on it: "
    "try again in a minute. Twice does no harm, should the first have come through after all. If "
    "it stays like this, whoever runs Mendwheel learns from `mendwheel doctor` what is away."
)
AGAIN = (
    "*Not taken yet.* The workflow server or its store does not answer. Slack brings your message "
    "again for about five minutes; if nothing has happened by then, send it once more. Whoever "
    "runs Mendwheel learns from `mendwheel doctor` what is away."
)

Answer = TypeVar("Answer")
Feature = Callable[["Reception", Payload], Awaitable[Told | None]]
"""Takes a payload in; returns what its sender is told, None for nothing."""

_deadline: ContextVar[float] = ContextVar("deadline")
"""When the request that is worked on has to be answered, however many steps it takes."""

_log = logging.getLogger(__name__)


class NotTaken(Exception):
    """Temporal or the store is away, or too slow to be sure of."""


class Reception:
    """Given to every feature."""

    def __init__(
        self, edge: Edge, client: AsyncWebClient, within: float = HAND_OVER_WITHIN
    ) -> None:
        self.edge = edge
        self.client = client
        self._within = within
        self.identity = Identity(client)
        self.voice = Voice(client)
        self.membership = Membership(client)
        self.later = Later()
        self.policy = LivePolicy(edge.settings.policy)

    async def arrived(
        self, req: AsyncBoltRequest, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Everything comes by here, even what bolt drops, as the news that we were invited."""
        event = req.body.get("event")
        if isinstance(event, dict) and event.get("type") == "message":
            self.membership.seen(str(event.get("channel") or ""))
        return await self.identity.check(req, next)

    def listener(self, feature: Feature) -> Callable[..., Awaitable[BoltResponse | None]]:
        """`feature` as bolt wants it."""

        async def listen(ack: AsyncAck, req: AsyncBoltRequest) -> BoltResponse | None:
            body = req.body
            _deadline.set(_now() + self._within)
            try:
                told = await feature(self, body)
            except NotTaken:
                became("unavailable")
                if "event" in body:
                    return self._come_again(req)
                told = Told(text=AWAY)
            except IntakeError as error:
                told = Told(text=with_people(str(error)))
            await self._answer(ack, body, told)
            return None

        listen.__name__ = feature.__name__
        return listen

    def _come_again(self, req: AsyncBoltRequest) -> BoltResponse:
        """Slack repeats an event that is answered so: at once, after one minute, after five."""
        if not req.headers.get("x-slack-retry-num"):
            self.tell_later(where(req.body), Told(text=AGAIN))
        return BoltResponse(status=503, body={"error": "not handed over: send it again"})

    async def _answer(self, ack: AsyncAck, body: Payload, told: Told | None) -> None:
        if told is None:
            await ack()
        elif "command" in body:
            await ack(text=told.text, blocks=told.blocks, response_type="ephemeral")
        elif body.get("type") == "view_submission":
            # Shown as it is: no mrkdwn there.
            text = plain(told.text.replace("*", ""))
            errors = told.errors or {modals.first_input(body["view"]): text}
            await ack(response_action="errors", errors=errors)
        else:
            await ack()
            self.tell_later(where(body), told)

    def tell_later(self, to: Where, told: Told) -> None:
        self.later(self.voice.tell(to, told))

    async def within(self, work: Awaitable[Answer]) -> Answer:
        """The result of `work`. Raises NotTaken: it did not come in time, or could not come."""
        try:
            async with asyncio.timeout_at(_deadline.get()):
                return await work
        except TimeoutError:
            _log.warning("not handed over from Slack: no answer within %s s", self._within)
            raise NotTaken from None
        except (TemporalUnreachable, StoreUnavailable) as error:
            _log.warning("not handed over from Slack: %s", error)
            raise NotTaken from None

    async def ask(self, question: Callable[..., Answer], *given: Any) -> Answer:
        """A question to the store, in a thread. Raises NotTaken."""
        return await self.within(asyncio.to_thread(question, *given))

    async def decided(self, work: Coroutine[Any, Any, Reply], to: Where) -> Reply | None:
        """The reply, or None when it is still on its way and told later.

        Raises NotTaken, and what `work` raises.
        """
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=_deadline.get() - _now() + GRACE)
        if not done and not await self._alive():
            task.cancel()
            raise NotTaken
        if not done:
            self.later(self._tell_when_done(task, to))
            return None
        try:
            return task.result()
        except (TemporalUnreachable, StoreUnavailable) as error:
            _log.warning("not handed over from Slack: %s", error)
            raise NotTaken from None

    async def _tell_when_done(self, task: asyncio.Future[Reply], to: Where) -> None:
        try:
            reply = await task
        except (TemporalUnreachable, StoreUnavailable) as error:
            _log.warning("a decision was not handed over from Slack: %s", error)
            await self.voice.tell(to, Told(text=AWAY))
        except IntakeError as error:
            await self.voice.tell(to, Told(text=with_people(str(error))))
        else:
            if reply.reason:
                await self.voice.tell(to, Told(text=with_people(reply.reason)))

    async def _alive(self) -> bool:
        try:
            async with asyncio.timeout(GRACE):
                return await self.edge.reach.client.service_client.check_health()
        except (RPCError, RuntimeError, TimeoutError):
            return False

    async def open(self, body: Payload, view: dict[str, Any]) -> Told | None:
        """Open a dialog; a `trigger_id` lives three seconds."""
        try:
            async with asyncio.timeout_at(_deadline.get() + GRACE):
                await self.client.views_open(trigger_id=body["trigger_id"], view=view)
        except FAILURES as error:
            _log.warning("a dialog did not open: %s", kind(error))
            return Told(text=f"The dialog did not open ({literal(kind(error))}). Click again.")
        return None

    async def question(self, request_id: str) -> Approval:
        """The question of a button. Raises NotTaken; TicketNotFound: it is not known here."""
        asked = await self.ask(self.edge.stores.questions.find, request_id)
        if asked is None:
            command = self.edge.settings.slack_command
            raise TicketNotFound(
                f"this question is not known here: `{command} list` shows what waits"
            )
        return asked

    async def ticket_in(self, words: Said) -> str | None:
        """The ticket whose thread `words` stand in."""
        if not words.thread:
            return None
        return await self.ask(self.edge.stores.threads.ticket, words.place)

    def tenant(self, place: str) -> str:
        """Whose tickets those from `place` are."""
        rule = self.edge.settings.rule(place)
        return (rule.tenant if rule else None) or self.edge.settings.tenant


def _now() -> float:
    return asyncio.get_running_loop().time()
