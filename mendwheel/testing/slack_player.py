"""People and events of a workspace, sent to an app as Slack sends them: signed, and impatient."""

import json
from collections.abc import Sequence
from typing import Any

from mendwheel.testing.sending import Answer
from mendwheel.testing.slack_mail import RIGHT, Signing, SlackMail
from mendwheel.testing.slack_state import BOT_USER, Json, SlackMessage


class SlackPlayer(SlackMail):
    """Half of `SlackSide`. `app_url` is where the app takes Slack's requests, in full."""

    async def command(
        self,
        app_url: str,
        text: str,
        user: str = "U0ALICE",
        channel: str = "C0GENERAL",
        *,
        command: str = "/resolve",
        signing: Signing = RIGHT,
        form: dict[str, str] | None = None,
    ) -> Answer:
        """A slash command; `form` from an earlier one sends it again as it was."""
        fields = form if form is not None else self.command_form(text, user, channel, command)
        answer = await self._form(app_url, fields, signing)
        if answer.ok:
            self.responses.acknowledged(fields["response_url"].rpartition("/")[2], answer.body)
        return answer

    async def event(
        self,
        app_url: str,
        event: Json,
        *,
        event_id: str | None = None,
        retry: int = 0,
        reason: str = "http_timeout",
        signing: Signing = RIGHT,
    ) -> Answer:
        """One delivery of `event`; `retry` 1 to 3 is a redelivery under the same `event_id`."""
        headers = {"content-type": "application/json"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        body = json.dumps(self.envelope(event, event_id)).encode()
        return await self._signed(app_url, body, headers, signing)

    async def mention(
        self,
        app_url: str,
        text: str,
        user: str = "U0ALICE",
        channel: str = "C0GENERAL",
        *,
        thread_ts: str | None = None,
        times: int = 1,
    ) -> tuple[SlackMessage, list[Answer]]:
        """Somebody writes to the app in a channel; delivered `times` times."""
        said = f"<@{BOT_USER}> {text}"
        return await self.say(
            app_url, said, user, channel, thread_ts=thread_ts, times=times, type="app_mention"
        )

    async def say(
        self,
        app_url: str,
        text: str,
        user: str = "U0ALICE",
        channel: str = "C0GENERAL",
        *,
        thread_ts: str | None = None,
        times: int = 1,
        **more: Any,
    ) -> tuple[SlackMessage, list[Answer]]:
        """Somebody writes in a channel or, by a channel `D…`, to the app directly."""
        message = self.space.say(channel, user, text, thread_ts=thread_ts)
        return message, await self._deliver(app_url, self.event_of(message) | more, times)

    async def open_home(self, app_url: str, user: str = "U0ALICE", *, tab: str = "home") -> Answer:
        """Somebody opens the app: its home, or with `messages` the conversation with it."""
        event = {"type": "app_home_opened", "user": user, "tab": tab, "event_ts": self.space.ts()}
        return await self.event(app_url, event | {"channel": self.space.direct(user).id})

    async def click(
        self,
        app_url: str,
        action_id: str,
        value: str,
        user: str = "U0ALICE",
        message: SlackMessage | None = None,
        *,
        signing: Signing = RIGHT,
        **action: Any,
    ) -> Answer:
        """A click on a button of `message`; further words go into the action."""
        ts = self.space.ts()
        pressed = {"type": "button", "action_id": action_id, "value": value, "action_ts": ts}
        pressed["block_id"] = _block_of(message, action_id)
        payload: Json = {"type": "block_actions", "actions": [pressed | action]}
        payload["state"] = {"values": {}}
        payload |= self._around(user, message)
        return await self._interaction(app_url, payload, signing)

    async def submit(
        self,
        app_url: str,
        view: Json,
        values: dict[str, Any] | None = None,
        user: str = "U0ALICE",
        *,
        signing: Signing = RIGHT,
    ) -> Answer:
        """A modal is sent off. `values`: action id → text typed, or the whole element's state."""
        state: dict[str, Json] = {}
        for number, block in enumerate(view.get("blocks", [])):
            name = (block.get("element") or {}).get("action_id")
            if block.get("type") == "input" and name in (values or {}):
                given = (values or {})[name]
                typed = {"type": block["element"]["type"], "value": given}
                held = given if isinstance(given, dict) else typed
                state[block.get("block_id") or f"block{number}"] = {name: held}
        payload = {"type": "view_submission", "view": {**view, "state": {"values": state}}}
        payload |= self._who(user) | {"response_urls": []}
        return await self._interaction(app_url, payload, signing)

    async def shortcut(
        self,
        app_url: str,
        callback_id: str,
        user: str = "U0ALICE",
        message: SlackMessage | None = None,
        *,
        signing: Signing = RIGHT,
    ) -> Answer:
        """A message shortcut, or a global one without a message."""
        kind = "message_action" if message else "shortcut"
        payload: Json = {"type": kind, "callback_id": callback_id, "action_ts": self.space.ts()}
        payload |= self._around(user, message)
        if message:
            payload |= {"message": message.shown(), "message_ts": message.ts}
        return await self._interaction(app_url, payload, signing)

    async def _deliver(self, app_url: str, event: Json, times: int) -> list[Answer]:
        name = f"Ev{self.space.number():08d}"
        return [await self.event(app_url, event, event_id=name, retry=n) for n in range(times)]


def _block_of(message: SlackMessage | None, action_id: str) -> str:
    """Id of the block that holds the button, as far as it has one."""
    for block in message.blocks if message else []:
        held: Sequence[Any] = [*(block.get("elements") or []), block.get("accessory")]
        if any(isinstance(each, dict) and each.get("action_id") == action_id for each in held):
            return str(block.get("block_id") or "")
    return ""
