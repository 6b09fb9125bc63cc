"""What comes back besides the Web API: answers to commands, and posts to response URLs."""

import json
import time
from dataclasses import dataclass, field

from starlette.responses import JSONResponse, PlainTextResponse, Response

from mendwheel.testing.slack_limits import parsed
from mendwheel.testing.slack_state import BOT_USER, Json, SlackMessage, SlackProblem, Workspace

USES, LIFE = 5, 1800.0
"""How often and how many seconds long a response URL works."""


@dataclass
class Ephemeral:
    """What one person was shown."""

    channel: str
    user: str
    text: str
    blocks: list[Json]
    at: float


@dataclass
class ResponsePost:
    """One post to a response URL; `accepted` whether Slack would have taken it."""

    channel: str
    user: str
    body: Json
    accepted: bool
    at: float


@dataclass
class _Url:
    channel: str
    user: str
    message_ts: str
    made: float
    used: int = 0


@dataclass
class SlackResponses:
    space: Workspace
    ephemerals: list[Ephemeral] = field(default_factory=list)
    posts: list[ResponsePost] = field(default_factory=list)
    _urls: dict[str, _Url] = field(default_factory=dict)

    def url(self, channel: str, user: str, message_ts: str = "") -> str:
        """Name of a new response URL; `message_ts` is what `replace_original` replaces."""
        name = f"r{self.space.number()}"
        self._urls[name] = _Url(channel, user, message_ts, time.monotonic())
        return name

    def show(self, args: Json) -> None:
        """What `chat.postEphemeral` showed."""
        blocks = parsed(args.get("blocks"), "blocks") or []
        self._ephemeral(str(args["channel"]), str(args["user"]), {**args, "blocks": blocks})

    def take(self, name: str, raw: bytes) -> Response:
        """Answer a post to a response URL."""
        url = self._urls.get(name)
        try:
            body = dict(json.loads(raw))
        except (ValueError, TypeError):
            return PlainTextResponse("invalid_payload", 400)
        if url is None:
            return PlainTextResponse("used_url", 404)
        url.used += 1
        fresh = url.used <= USES and time.monotonic() - url.made < LIFE
        self.posts.append(ResponsePost(url.channel, url.user, body, fresh, time.monotonic()))
        if not fresh:
            return JSONResponse({"ok": False, "error": "used_url"}, 404)
        self._show(url, body)
        return PlainTextResponse("ok")

    def acknowledged(self, name: str, raw: str) -> None:
        """The body of the answer to a command: text for one person, or for the channel."""
        url = self._urls[name]
        if not raw.strip():
            return
        try:
            body = json.loads(raw)
        except ValueError:
            body = {"text": raw}
        if isinstance(body, dict) and (body.get("text") or body.get("blocks")):
            self._show(url, body)

    def _show(self, url: _Url, body: Json) -> None:
        blocks, text = list(body.get("blocks") or []), str(body.get("text") or "")
        original = self._original(url)
        if original and (body.get("replace_original") or body.get("delete_original")):
            original.deleted = bool(body.get("delete_original"))
            original.text, original.blocks = text, blocks
            original.remember()
        elif body.get("response_type") == "in_channel":
            self.space.say(
                *(url.channel, BOT_USER, text),
                thread_ts=body.get("thread_ts"),
                by_app=True,
                blocks=blocks,
            )
        else:
            self._ephemeral(url.channel, url.user, body)

    def _original(self, url: _Url) -> SlackMessage | None:
        try:
            return self.space.message(self.space.channel(url.channel), url.message_ts)
        except SlackProblem:
            return None

    def _ephemeral(self, channel: str, user: str, body: Json) -> None:
        text, blocks = str(body.get("text") or ""), list(body.get("blocks") or [])
        self.ephemerals.append(Ephemeral(channel, user, text, blocks, time.monotonic()))
