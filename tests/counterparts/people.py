"""What people do in Slack and what Jira tells about it, as requests to us, signed as they sign."""

import hashlib
import hmac
import itertools
import json
import os
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from tests.counterparts.jira import JiraCounterpart
from tests.counterparts.slack import SlackCounterpart

Json = dict[str, Any]

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_numbers = itertools.count(1)
_RUN = os.urandom(3).hex()


@dataclass(frozen=True)
class Letter:
    """A request body. Sent twice it is the same thing done once: its ids are in it."""

    body: bytes
    content_type: str
    extra: dict[str, str] = field(default_factory=dict)

    def slack_headers(self, secret: str) -> dict[str, str]:
        """Signed now; Slack signs a redelivery anew."""
        now = str(int(time.time()))
        signed = SignatureVerifier(secret).generate_signature(timestamp=now, body=self.body)
        return {
            "Content-Type": self.content_type,
            "X-Slack-Request-Timestamp": now,
            "X-Slack-Signature": str(signed),
            **self.extra,
        }

    def jira_headers(self, secret: str) -> dict[str, str]:
        digest = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        signed = {"X-Hub-Signature": f"sha256={digest}"}
        return {"Content-Type": self.content_type, **signed, **self.extra}


class SlackPeople:
    """Writes the letters of one workspace. People and channels go by their ids."""

    def __init__(self, slack: SlackCounterpart, response_url: str = "http://127.0.0.1:9/none"):
        self._slack = slack
        self._response_url = response_url

    def command(self, user: str, channel: str, text: str, command: str = "/resolve") -> Letter:
        """A slash command."""
        return _form(
            {
                **self._app(),
                "team_id": self._slack.team_id,
                "channel_id": channel,
                "user_id": user,
                "command": command,
                "text": text,
                "trigger_id": f"1.{_number()}",
                "response_url": self._response_url,
            }
        )

    def click(
        self,
        user: str,
        channel: str,
        message: Json,
        action_id: str,
        trigger: str = "",
        value: str = "",
    ) -> Letter:
        """A press of the button `action_id` of `message`. Raises LookupError: it has none.

        A button that opens a dialog needs a `trigger` that the workspace knows; of two thumbs the
        `value` says which.
        """
        block, element = button(message, action_id)
        action = {
            "type": element["type"],
            "action_id": action_id,
            "block_id": str(block.get("block_id", "")),
            "value": value or element.get("value", ""),
            "action_ts": f"{time.time():.6f}",
        }
        container: Json = {"type": "message", "message_ts": message["ts"], "channel_id": channel}
        payload: Json = {
            **self._app(),
            "type": "block_actions",
            "team": {"id": self._slack.team_id},
            "user": {"id": user, "team_id": self._slack.team_id},
            "channel": {"id": channel},
            "container": {**container, "is_ephemeral": False},
            "message": message,
            "actions": [action],
            "state": {"values": {}},
            "trigger_id": trigger or f"1.{_number()}",
            "response_url": self._response_url,
        }
        return _form({"payload": json.dumps(payload)})

    def submit(self, user: str, view: Json, given: dict[str, str]) -> Letter:
        """Dialog `view` is sent, with what is `given` in its inputs by block; the rest as it is."""
        values = {}
        for block in view["blocks"]:
            if element := block.get("element"):
                said = given.get(block["block_id"], element.get("initial_value"))
                field = {"type": element["type"], "value": said}
                values[block["block_id"]] = {element["action_id"]: field}
        payload: Json = {
            **self._app(),
            "type": "view_submission",
            "team": {"id": self._slack.team_id},
            "user": {"id": user, "team_id": self._slack.team_id},
            "view": {**view, "id": f"V{_number()}", "state": {"values": values}},
        }
        return _form({"payload": json.dumps(payload)})

    def event(self, event: Json) -> Letter:
        """Something that happened, such as a message or a mention."""
        wrapped = {
            **self._app(),
            "type": "event_callback",
            "team_id": self._slack.team_id,
            "event_id": f"Ev{_number()}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": self._slack.team_id, "is_bot": True}],
            "event": event,
        }
        return Letter(json.dumps(wrapped).encode(), _JSON)

    def says(self, name: str, channel: str, text: str, thread: str = "", **more: str) -> Letter:
        """Person `name` writes a message, here and in the workspace; its event."""
        where = {"channel": channel, "text": text, **({"thread_ts": thread} if thread else {})}
        sent = self._slack.call("chat.postMessage", self._slack.tokens[name], **where)
        who = {"user": self._slack.users[name], "channel_type": "channel"}
        kind = {"type": "message", "ts": sent["ts"], "event_ts": sent["ts"]}
        return self.event({**kind, **where, **who, **more})

    def mentions(self, name: str, channel: str, text: str) -> Letter:
        """As `says`, to the app."""
        addressed = f"<@{self._slack.bot_user_id}> {text}"
        return self.says(name, channel, addressed, type="app_mention")

    def _app(self) -> dict[str, str]:
        return {"api_app_id": self._slack.app_id, "token": "unused"}


def button(message: Json, action_id: str) -> tuple[Json, Json]:
    """The block and the element with this action. Raises LookupError."""
    for block in message.get("blocks") or []:
        for element in block.get("elements") or []:
            if element.get("action_id") == action_id:
                return block, element
    raise LookupError(f"there is no {action_id} in {message.get('text')!r}")


def jira_created(jira: JiraCounterpart, key: str) -> Letter:
    """Jira's webhook for a new issue."""
    return _webhook("jira:issue_created", jira.issue(key))


def jira_commented(jira: JiraCounterpart, key: str, comment: str) -> Letter:
    """Jira's webhook for a new comment, by its id."""
    found = next(each for each in jira.comments(key) if each["id"] == comment)
    return _webhook("comment_created", jira.issue(key), comment=found)


def _webhook(event: str, issue: Json, **more: Json) -> Letter:
    told = {"timestamp": int(time.time() * 1000), "webhookEvent": event, "issue": issue, **more}
    identifier = {"X-Atlassian-Webhook-Identifier": f"delivery-{_number()}"}
    return Letter(json.dumps(told).encode(), _JSON, identifier)


def _form(fields: dict[str, str]) -> Letter:
    return Letter(urlencode(fields).encode(), _FORM)


def _number() -> str:
    """Unlike any other, in this process and in the next one."""
    return f"{_RUN}{next(_numbers):06d}"
