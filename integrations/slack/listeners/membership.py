"""Whether we may write in a channel: commands work everywhere, cards only where we were invited."""

import asyncio
import logging

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from mendwheel.integrations.slack.telling import FAILURES, kind

ASK_AGAIN = 180.0
"""Seconds until Slack is asked about the same channel again."""

MEMBER_FOR = 3600.0
"""Seconds that we are believed to be in a channel where we were seen."""

_log = logging.getLogger(__name__)


class Membership:
    """In which channels we are; one question to Slack per channel and while."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._here: dict[str, float] = {}
        self._asked: dict[str, tuple[float, asyncio.Task[bool]]] = {}

    def seen(self, channel: str) -> None:
        """An event came from `channel`: Slack sends those to members only."""
        self._here[channel] = _now() + MEMBER_FOR
        self._asked.pop(channel, None)

    async def missing(self, channel: str) -> bool:
        """Whether we are known not to be in `channel`; False while that cannot be found out."""
        if self._here.get(channel, 0.0) > _now():
            return False
        until, asking = self._asked.get(channel, (0.0, None))
        if asking is None or until <= _now():
            asking = asyncio.ensure_future(self._ask(channel))
            self._asked[channel] = _now() + ASK_AGAIN, asking
        return await asking

    async def _ask(self, channel: str) -> bool:
        try:
            answer = await self._client.conversations_info(channel=channel)
        except FAILURES as error:
            _log.info("not known whether we are in %s: %s", channel, kind(error))
            # Of a private channel we are told no more than this.
            return isinstance(error, SlackApiError) and kind(error) == "channel_not_found"
        member = bool((answer.get("channel") or {}).get("is_member"))
        if member:
            self.seen(channel)
        return not member


def _now() -> float:
    return asyncio.get_running_loop().time()
