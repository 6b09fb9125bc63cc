"""A Slack workspace in memory: who is there, where, and what has been said."""

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEAM = "T0LOCAL"
APP = "A0LOCAL"
BOT = "B0LOCAL"
BOT_USER = "U0BOT"
SCOPES = frozenset(
    {
        *("app_mentions:read", "assistant:write", "chat:write", "commands", "reactions:write"),
        *("channels:history", "channels:read", "groups:history", "groups:read"),
        *("im:history", "im:read", "im:write"),
        *("usergroups:read", "users:read", "users:read.email"),
    }
)


class SlackProblem(Exception):
    """An `ok: false` answer."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


@dataclass
class SlackVersion:
    """How a message stood from `at` on (monotonic, seconds)."""

    at: float
    text: str
    blocks: list[Json]


@dataclass
class SlackMessage:
    """One message with all it has said."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    by_app: bool = False
    metadata: Json | None = None
    link_names: bool = False
    subtype: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    reactions: list[tuple[str, str]] = field(default_factory=list)
    versions: list[SlackVersion] = field(default_factory=list)

    @property
    def root(self) -> bool:
        """Whether it stands in the channel itself, not only in a thread."""
        return self.thread_ts in (None, self.ts) or self.broadcast

    def remember(self) -> None:
        """Keep the present state as a version."""
        self.versions.append(SlackVersion(time.monotonic(), self.text, self.blocks))

    def shown(self, *, metadata: bool = False) -> Json:
        """As the Web API gives it; metadata only to those who ask."""
        data: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        data["team"] = TEAM
        if self.by_app:
            data |= {"bot_id": BOT, "app_id": APP}
            data["bot_profile"] = {"id": BOT, "app_id": APP, "name": "app", "team_id": TEAM}
        optional = {
            "blocks": self.blocks,
            "attachments": self.attachments,
            "thread_ts": self.thread_ts,
            "subtype": self.subtype,
            "edited": self.edited_ts and {"user": self.user, "ts": self.edited_ts},
            "metadata": self.metadata if metadata else None,
            "reactions": [
                {"name": name, "users": [user], "count": 1} for name, user in self.reactions
            ],
        }
        return data | {name: value for name, value in optional.items() if value}


@dataclass
class SlackChannel:
    """A channel, or a direct conversation when `im_with` is set."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    private: bool = False
    im_with: str | None = None
    messages: list[SlackMessage] = field(default_factory=list)

    def shown(self) -> Json:
        data: Json = {"id": self.id, "created": 1, "is_archived": self.archived}
        data["is_im"] = self.im_with is not None
        if self.im_with:
            return data | {"user": self.im_with}
        data |= {"name": self.name, "is_channel": not self.private, "is_private": self.private}
        return data | {"is_member": BOT_USER in self.members, "num_members": len(self.members)}


@dataclass
class SlackUser:
    id: str
    name: str
    email: str = ""
    bot: bool = False
    deleted: bool = False

    def shown(self) -> Json:
        profile: Json = {"real_name": self.name, "display_name": self.name, "team": TEAM}
        if self.email:
            profile["email"] = self.email
        data: Json = {"id": self.id, "team_id": TEAM, "name": self.name, "deleted": self.deleted}
        return data | {"real_name": self.name, "is_bot": self.bot, "profile": profile}


class Workspace:
    """State of a workspace. `channel_…` and `user…` make what is missing; methods look it up."""

    def __init__(self) -> None:
        self.channels: dict[str, SlackChannel] = {}
        self.users: dict[str, SlackUser] = {}
        self.groups: dict[str, tuple[str, set[str]]] = {}
        self.scopes = SCOPES
        self._numbers = itertools.count(1)
        self._last = 0
        self._lock = threading.Lock()
        self.add_user(BOT_USER, "app", bot=True)

    def number(self) -> int:
        """1, 2, 3 …, for ids."""
        return next(self._numbers)

    def ts(self) -> str:
        """A timestamp that no other message has, as Slack writes it."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1000)
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def add_channel(
        self, id: str, name: str = "", *, private: bool = False, bot_is_in: bool = True
    ) -> SlackChannel:
        members = set(self.users) if bot_is_in else set(self.users) - {BOT_USER}
        channel = SlackChannel(id, name or id.lower(), members, private=private)
        self.channels[id] = channel
        return channel

    def add_user(self, id: str, name: str = "", email: str = "", *, bot: bool = False) -> SlackUser:
        """A new user is a member of every channel there is."""
        user = SlackUser(id, name or id.lower(), email, bot)
        self.users[id] = user
        for channel in self.channels.values():
            if channel.im_with is None and not bot:
                channel.members.add(id)
        return user

    def add_group(self, id: str, handle: str, members: set[str]) -> None:
        self.groups[id] = (handle, members)

    def direct(self, user: str) -> SlackChannel:
        """The conversation of the app with `user`. Raises SlackProblem."""
        if user not in self.users:
            raise SlackProblem("user_not_found")
        for channel in list(self.channels.values()):
            if channel.im_with == user:
                return channel
        channel = SlackChannel(f"D0{user}", "", {user, BOT_USER}, im_with=user)
        self.channels[channel.id] = channel
        return channel

    def channel(self, name: Any) -> SlackChannel:
        """By id, `#name` or a user's id. Raises SlackProblem."""
        text = str(name or "")
        if text in self.channels:
            return self.channels[text]
        for channel in list(self.channels.values()):
            if channel.name and channel.name == text.lstrip("#"):
                return channel
        if text in self.users:
            return self.direct(text)
        raise SlackProblem("channel_not_found")

    def message(self, channel: SlackChannel, ts: Any) -> SlackMessage:
        """Raises SlackProblem: no such message."""
        for each in channel.messages:
            if each.ts == str(ts) and not each.deleted:
                return each
        raise SlackProblem("message_not_found")

    def say(
        self, channel: str, user: str, text: str, *, thread_ts: str | None = None, **more: Any
    ) -> SlackMessage:
        """A message as people write them, without asking the Web API. Raises SlackProblem."""
        message = SlackMessage(channel, self.ts(), user, text, thread_ts=thread_ts, **more)
        self.place(message)
        return message

    def place(self, message: SlackMessage) -> None:
        """Put `message` where it belongs; a first reply makes a thread of its root."""
        channel = self.channel(message.channel)
        if message.thread_ts and message.thread_ts != message.ts:
            for each in channel.messages:
                if each.ts == message.thread_ts:
                    each.thread_ts = each.ts
        message.remember()
        channel.messages.append(message)
