"""What Slack sends, reduced to what is used of it: who speaks, where, what they said or clicked."""

import html
import re
from typing import Any

from pydantic import BaseModel, ConfigDict

from mendwheel.integrations.slack.modals import Origin

Payload = dict[str, Any]

_KEPT_SUBTYPES = (None, "file_share", "thread_broadcast")
"""People's own words. Edits, deletions, joins and the like are news about messages, not news."""

_USER = re.compile(r"<@([A-Z0-9]+)(?:\|([^>]*))?>")
_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|([^>]*))?>")
_SPECIAL = re.compile(r"<!(?:subteam\^)?([^|>]+)(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto|tel):[^|>]+)(?:\|([^>]*))?>")


class Where(BaseModel):
    """Who speaks, and where an answer to them goes. Verified: it comes from the payload alone."""

    model_config = ConfigDict(frozen=True)

    user: str
    channel: str = ""
    thread: str = ""
    response_url: str = ""

    @property
    def subject(self) -> str:
        return f"slack:{self.user}"

    @property
    def direct(self) -> bool:
        return self.channel.startswith("D")


class Said(Where):
    """A message of a person."""

    ts: str
    text: str

    @property
    def root(self) -> str:
        """Of the thread it stands in, or that replies to it would open."""
        return self.thread or self.ts

    @property
    def place(self) -> str:
        return f"slack:{self.channel}/{self.root}"

    @property
    def key(self) -> str:
        """Key of the ticket that its thread is, whoever brings it in and how often."""
        return f"{self.channel}-{self.root}"

    @property
    def delivery_id(self) -> str:
        """The same for all events about one message."""
        return f"slack-{self.channel}-{self.ts}"


def said(event: Payload, own: str = "") -> Said | None:
    """The message in `event`, or None: no person wrote it, or it is our own (`own`: our user)."""
    user, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    if event.get("subtype") not in _KEPT_SUBTYPES or event.get("bot_id") or event.get("hidden"):
        return None
    if not (user and channel and ts) or user == own:
        return None
    thread = str(event.get("thread_ts") or "")
    return Said(
        user=user,
        channel=channel,
        ts=ts,
        # A root names itself as its thread.
        thread="" if thread == ts else thread,
        text=full_text(event, own),
    )


def full_text(message: Payload, own: str = "") -> str:
    """All that a message says: its text, what apps attached to it, and names of files."""
    parts = [plain(str(message.get("text") or ""), own)]
    for attached in message.get("attachments") or []:
        if not attached.get("is_msg_unfurl") and not attached.get("from_url"):
            lines = [attached.get(name) for name in ("pretext", "title", "text")]
            shown = [str(line) for line in lines if line] or [str(attached.get("fallback") or "")]
            parts += [plain(line, own) for line in shown]
    parts += [f"[file: {file.get('name') or 'unnamed'}]" for file in message.get("files") or []]
    return "\n".join(part for part in parts if part)


def plain(text: str, own: str = "") -> str:
    """Slack's markup as plain text; mentions of `own` are left out."""
    text = _USER.sub(lambda m: "" if m[1] == own else f"@{m[2] or m[1]}", text)
    text = _CHANNEL.sub(lambda m: f"#{m[2] or m[1]}", text)
    text = _LINK.sub(lambda m: m[1] if not m[2] or m[2] == m[1] else f"{m[2]} ({m[1]})", text)
    text = _SPECIAL.sub(lambda m: m[2] or f"@{m[1]}", text)
    return html.unescape(text).strip()


def where(body: Payload) -> Where:
    """Who sent `body`, and where they are; for every kind of payload."""
    if "event" in body:
        return _of_event(body["event"])
    if "command" in body:
        return Where(user=body["user_id"], channel=body.get("channel_id", ""))
    user = body["user"]["id"]
    if body.get("type") == "view_submission":
        origin = Origin.of(body["view"])
        return Where(user=user, channel=origin.channel, thread=origin.thread)
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    thread = message.get("thread_ts") or container.get("thread_ts") or ""
    url = body.get("response_url") or ""
    return Where(user=user, channel=channel, thread=thread, response_url=url)


def _of_event(event: Payload) -> Where:
    user = event.get("user") or ""
    return Where(
        user=user if isinstance(user, str) else user.get("id", ""),
        channel=event.get("channel") or "",
        thread=event.get("thread_ts") or "",
    )


def clicked(body: Payload) -> str:
    """The value of the button: an id, and nothing but an id."""
    actions = body.get("actions") or [{}]
    return str(actions[0].get("value") or "")
