"""Who we are in the workspace, asked once. A refused token is one clear line, and loses nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from mendwheel.integrations.slack.telling import FAILURES, kind

ASK_WITHIN = 1.0
"""Seconds for `auth.test`; Slack wants its answer within three."""

BEGIN_WITHIN = 5.0
"""Seconds for it when nobody waits."""

_log = logging.getLogger(__name__)

_REFUSED = "Not taken: Slack refuses the token of this app. Whoever runs it finds why in its log."
_OF_THE_TOKEN = "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"


class Identity:
    """Our own user, bot and workspace."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._asking = asyncio.Lock()
        self.user = ""
        self.name = ""
        self.bot = ""
        self.url = ""

    async def known(self) -> str:
        """Empty once we know who we are, else why not."""
        try:
            async with asyncio.timeout(ASK_WITHIN):
                await self.learn()
        except FAILURES as error:
            return kind(error)
        return "" if self.user else "no user_id in the answer"

    async def begin(self) -> None:
        """Ask before anybody comes, so that the first one is answered as fast as the next."""
        try:
            async with asyncio.timeout(BEGIN_WITHIN):
                await self.learn()
        except FAILURES as error:
            _log.warning("Slack's auth.test failed (%s): the next request asks again", kind(error))

    async def learn(self) -> None:
        """Ask Slack once; raises what its client raises."""
        async with self._asking:
            if self.user:
                return
            answer = await self._client.auth_test()
            self.user = str(answer.get("user_id") or "")
            self.name = str(answer.get("user") or "")
            self.bot = str(answer.get("bot_id") or "")
            self.url = str(answer.get("url") or "").rstrip("/")

    def authorised(self) -> AuthorizeResult:
        """For bolt, once `check` has let a request through: whose events are our own."""
        return AuthorizeResult(
            enterprise_id=None,
            team_id=None,
            bot_user_id=self.user,
            bot_id=self.bot,
            bot_token=self._client.token,
        )

    async def check(
        self, req: AsyncBoltRequest, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Before bolt's own check, which answers 200 to what it then drops."""
        if req.body.get("type") in ("url_verification", "ssl_check"):
            return await next()
        problem = await self.known()
        if not problem:
            return await next()
        way_out = (
            "set MENDWHEEL_SLACK_BOT_TOKEN to the bot token of the installed app"
            if problem in _OF_THE_TOKEN
            else "look whether MENDWHEEL_SLACK_BASE_URL can be reached from here"
        )
        _log.error("Slack's auth.test failed (%s), nothing is taken in: %s", problem, way_out)
        if "command" in req.body:
            return BoltResponse(status=200, body={"text": _REFUSED, "response_type": "ephemeral"})
        return BoltResponse(status=503, body={"error": "not authorised with Slack: send it again"})
