"""Threads that somebody wants resolved: read whole, once, and handed to a ticket."""

import asyncio
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from mendwheel.domain.hint import Hint, Polled, Taken
from mendwheel.domain.place import SLACK
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.reach import IntakeError, TemporalUnreachable, TicketClosed
from mendwheel.integrations.slack.client import async_client
from mendwheel.integrations.slack.errors import explained
from mendwheel.integrations.slack.identity import Identity
from mendwheel.integrations.slack.listeners.reopening import closed
from mendwheel.integrations.slack.reading import Payload, Where, full_text
from mendwheel.integrations.slack.telling import FAILURES, Voice
from mendwheel.integrations.slack.threads import keep_thread, later, read_until
from mendwheel.integrations.slack.transcript import Line, title, transcript
from mendwheel.settings import Settings

PAGES, PAGE = 10, 200
"""Bounds on what is read of a thread: pages, and messages of one page."""

_NAMES = 5000
_SUBTYPES = (None, "file_share", "thread_broadcast", "bot_message", "me_message")


class SlackInbox:
    """`ports.Inbox` for threads; `hint.key` is `CHANNEL/ROOT_TS`."""

    def __init__(
        self, edge: Edge, settings: Settings, client: AsyncWebClient | None = None
    ) -> None:
        self._edge = edge
        self._client = client or async_client(settings)
        self._identity = Identity(self._client)
        self._names: dict[str, str] = {}

    def close(self) -> None:
        """Nothing stays open between calls."""

    async def poll(self, cursor: str) -> Polled:
        """Slack tells us by events; there is nothing to look for."""
        return Polled()

    async def take(self, hint: Hint) -> Taken:
        """Raises PlaceError, TemporalUnreachable, StoreUnavailable."""
        channel, _, root = hint.key.partition("/")
        place = f"{SLACK}:{channel}/{root}"
        lines = await self._lines(place, channel, root)
        if not lines:
            return Taken(became="nothing: there is no text in the thread")
        # Kept before the ticket starts: after a crash in between, what came since is news for the
        # ticket and not part of a report that nobody reads again.
        until = await asyncio.to_thread(read_until, self._edge.stores, place, lines[-1].ts)
        read = [line for line in lines if not later(line.ts, until)] or lines
        draft = Draft(
            title=title(read),
            body=transcript(read),
            reporter=hint.who or read[0].author,
            system=SLACK,
            key=f"{channel}-{root}",
            place=place,
            delivery_id=hint.delivery_id,
        )
        try:
            submitted = await self._edge.intake.submit(draft)
        except TicketClosed as error:
            return await self._ended(hint, error.ticket, channel, root)
        except TemporalUnreachable:
            raise
        except IntakeError as error:
            return Taken(became=f"nothing: {error}")
        ticket = submitted.ticket_id
        await asyncio.to_thread(keep_thread, self._edge.stores, place, ticket, until)
        told = await self._tell_news(ticket, place, channel, root, until)
        became = "ticket" if submitted.started else "joined"
        return Taken(
            became=f"{became}, {told} later messages" if told else became, tickets=[ticket]
        )

    async def _tell_news(self, ticket: str, place: str, channel: str, root: str, until: str) -> int:
        """What was said between reading the thread and knowing it as the ticket's."""
        told = 0
        with explained(place):
            messages = await self._messages(channel, root, oldest=until)
        for message in messages:
            if not later(message["ts"], until) or not message.get("user"):
                continue
            text = full_text(message, self._identity.user)
            if self._ours(message) or not text:
                continue
            author, delivery = f"{SLACK}:{message['user']}", f"slack-{channel}-{message['ts']}"
            await self._edge.intake.inform(ticket, author, text, delivery)
            told += 1
        return told

    async def _ended(self, hint: Hint, ticket: str, channel: str, root: str) -> Taken:
        if hint.who.startswith(f"{SLACK}:"):
            who = Where(user=hint.who.partition(":")[2], channel=channel, thread=root)
            told = closed(ticket, "This thread was dealt with already.")
            await Voice(self._client).tell(who, told)
        return Taken(became="nothing: its ticket is closed", tickets=[ticket])

    async def _lines(self, place: str, channel: str, root: str) -> list[Line]:
        with explained(place):
            await self._identity.learn()
            messages = await self._messages(channel, root)
        lines = []
        for message in messages:
            text = full_text(message, self._identity.user)
            if text and not self._ours(message) and message.get("subtype") in _SUBTYPES:
                author = await self._author(message)
                lines.append(Line(ts=message["ts"], author=author, text=text))
        return lines

    async def _messages(self, channel: str, root: str, oldest: str = "") -> list[Payload]:
        """Oldest first; Slack pages from the beginning."""
        found: list[Payload] = []
        more: dict[str, Any] = {"oldest": oldest} if oldest else {}
        for _ in range(PAGES):
            answer = await self._client.conversations_replies(
                channel=channel, ts=root, limit=PAGE, **more
            )
            found += answer.get("messages") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            more["cursor"] = cursor
        return found

    def _ours(self, message: Payload) -> bool:
        own = self._identity
        return message.get("user") == own.user or bool(own.bot and message.get("bot_id") == own.bot)

    async def _author(self, message: Payload) -> str:
        user = message.get("user")
        if not user:
            profile = message.get("bot_profile") or {}
            return str(message.get("username") or profile.get("name") or "an app")
        if user not in self._names:
            if len(self._names) >= _NAMES:
                self._names.clear()
            self._names[user] = await self._name(user)
        return self._names[user]

    async def _name(self, user: str) -> str:
        """How they are called; their id where Slack does not tell."""
        try:
            person = (await self._client.users_info(user=user)).get("user") or {}
        except FAILURES:
            return user
        profile = person.get("profile") or {}
        return str(profile.get("display_name") or person.get("real_name") or user)
