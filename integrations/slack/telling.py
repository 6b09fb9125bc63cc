"""Tells one person something that only they see, after Slack has got its answer."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import aiohttp
from pydantic import BaseModel
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from mendwheel.domain.hint import Hint
from mendwheel.domain.place import SLACK, Place
from mendwheel.integrations.slack.client import async_client
from mendwheel.integrations.slack.errors import refusal
from mendwheel.integrations.slack.escape import plain
from mendwheel.integrations.slack.limits import TEXT, clip
from mendwheel.integrations.slack.reading import Where
from mendwheel.settings import Settings

SETTLE_WITHIN = 5.0
"""Seconds that the end of the process waits for what is still to be told."""

_log = logging.getLogger(__name__)

FAILURES = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError)
"""How a call to Slack fails."""


class Told(BaseModel):
    """What one person is told. `text` is mrkdwn with everything from outside escaped."""

    text: str
    blocks: list[dict[str, Any]] = []
    errors: dict[str, str] = {}  # by block id, under the inputs of a dialog


class Later:
    """Work that nobody waits for, kept until it is done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a mistake of ours in Slack's listeners", exc_info=task.exception())

    async def settle(self, within: float = SETTLE_WITHIN) -> None:
        """Until all is done; what takes longer is cancelled."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class Voice:
    """Ephemeral messages: in the channel or thread where the person spoke or clicked."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def tell(self, where: Where, told: Told) -> None:
        """Fails with a log line only: what was told is never more than a courtesy."""
        text = clip(told.text, TEXT)
        if not where.channel:
            _log.info("nowhere to tell %s: %s", where.user, text)
            return
        try:
            await self._ephemeral(where, text, told.blocks)
        except FAILURES as error:
            if not await self._by_url(where, text, told.blocks):
                _log.warning("could not tell %s in %s: %s", where.user, where.channel, kind(error))

    async def answer(self, where: Where, told: Told) -> None:
        """As `tell`, by the URL of a command or click alone, which works in every channel."""
        if not await self._by_url(where, clip(told.text, TEXT), told.blocks):
            _log.warning("could not answer %s in %s", where.user, where.channel)

    async def _ephemeral(self, where: Where, text: str, blocks: list[dict[str, Any]]) -> None:
        await self._client.chat_postEphemeral(
            channel=where.channel,
            user=where.user,
            text=text,
            blocks=blocks or None,
            thread_ts=where.thread or None,
        )

    async def _by_url(self, where: Where, text: str, blocks: list[dict[str, Any]]) -> bool:
        """Where we are no member a click can be answered all the same."""
        if not where.response_url:
            return False
        try:
            answer = await AsyncWebhookClient(where.response_url, timeout=5).send(
                text=text,
                blocks=blocks or None,
                response_type="ephemeral",
                replace_original=False,
            )
        except FAILURES:
            return False
        return answer.status_code == 200


async def tell_asker(settings: Settings, hint: Hint, why: str) -> None:
    """An issue that somebody named in Slack is not worked on: they were told that it is."""
    system, _, user = hint.who.partition(":")
    if system != SLACK or not hint.place:
        return
    place = Place.parse(hint.place)
    where = Where(user=user, channel=place.address, thread=place.thread)
    told = Told(text=f"{plain(hint.key)} is not worked on: {plain(why)}.")
    await Voice(async_client(settings)).tell(where, told)


def kind(error: BaseException) -> str:
    """An error of Slack in one word, without anything that a request held."""
    if isinstance(error, SlackApiError):
        return refusal("slack", error).kind
    return type(error).__name__
