"""The letters Slack sends to an app: their forms, their envelopes and their signature."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from mendwheel.testing.sending import Answer, post
from mendwheel.testing.serving import Served
from mendwheel.testing.slack_responses import SlackResponses
from mendwheel.testing.slack_state import APP, BOT_USER, TEAM, Json, SlackMessage, Workspace
from mendwheel.testing.slack_views import SlackViews


@dataclass(frozen=True)
class Signing:
    """How a request is signed. `secret=""` leaves the signature out; `age` in seconds."""

    secret: str | None = None
    age: float = 0.0


RIGHT = Signing()


def sign(secret: str, body: bytes, timestamp: int) -> str:
    """Slack's signature, version 0."""
    text = b"v0:%d:%s" % (timestamp, body)
    return "v0=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


class SlackMail(Served):
    """Writes and signs what goes to an app. `app_url`: where it takes Slack's requests."""

    space: Workspace
    views: SlackViews
    responses: SlackResponses
    signing_secret: str

    def command_form(self, text: str, user: str, channel: str, command: str) -> dict[str, str]:
        """What Slack sends for a command, for sending it more than once."""
        return {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "local",
            "channel_id": channel,
            "channel_name": channel.lower(),
            "user_id": user,
            "user_name": user.lower(),
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._response_url(channel, user),
            "trigger_id": self.views.trigger(self.space.number()),
        }

    async def raw(self, app_url: str, body: bytes, signing: Signing = RIGHT) -> Answer:
        """Any body, signed, as JSON."""
        return await self._signed(app_url, body, {"content-type": "application/json"}, signing)

    def envelope(self, event: Json, event_id: str | None = None) -> Json:
        """What Slack wraps an event in."""
        who = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
        return {
            "token": "verification",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": event_id or f"Ev{self.space.number():08d}",
            "event_time": int(time.time()),
            "authorizations": [{**who, "is_enterprise_install": False}],
        }

    def event_of(self, message: SlackMessage) -> Json:
        """The `message` event of a message; `message.im` when it is direct."""
        direct = self.space.channel(message.channel).im_with is not None
        return message.shown() | {
            "channel": message.channel,
            "channel_type": "im" if direct else "channel",
            "event_ts": message.ts,
            "client_msg_id": f"local-{message.ts}",
        }

    def _who(self, user: str) -> Json:
        return {
            "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM},
            "team": {"id": TEAM, "domain": "local"},
            "api_app_id": APP,
            "token": "verification",
            "trigger_id": self.views.trigger(self.space.number()),
            "is_enterprise_install": False,
            "enterprise": None,
        }

    def _around(self, user: str, message: SlackMessage | None) -> Json:
        if message is None:
            return self._who(user)
        where = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        if message.thread_ts:
            where["thread_ts"] = message.thread_ts
        return self._who(user) | {
            "channel": {"id": message.channel, "name": message.channel.lower()},
            "container": {**where, "is_ephemeral": False},
            "message": message.shown(),
            "response_url": self._response_url(message.channel, user, message.ts),
        }

    def _response_url(self, channel: str, user: str, ts: str = "") -> str:
        return f"{self.origin}/response/{self.responses.url(channel, user, ts)}"

    async def _interaction(self, app_url: str, payload: Json, signing: Signing) -> Answer:
        return await self._form(app_url, {"payload": json.dumps(payload)}, signing)

    async def _form(self, app_url: str, fields: dict[str, str], signing: Signing) -> Answer:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await self._signed(app_url, urlencode(fields).encode(), headers, signing)

    async def _signed(
        self, app_url: str, body: bytes, headers: dict[str, str], signing: Signing
    ) -> Answer:
        timestamp = int(time.time() - signing.age)
        secret = self.signing_secret if signing.secret is None else signing.secret
        headers = headers | {"X-Slack-Request-Timestamp": str(timestamp)}
        if secret:
            headers["X-Slack-Signature"] = sign(secret, body, timestamp)
        return await post(app_url, body, headers)
