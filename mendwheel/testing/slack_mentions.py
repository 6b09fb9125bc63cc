"""Whom a message calls, wherever in it: people, groups, everybody in the channel."""

import re
from collections.abc import Iterator
from typing import Any

from mendwheel.testing.slack_state import SlackMessage

_CALL = re.compile(r"<(@[UW]\w+|!subteam\^\w+|!channel|!here|!everyone|!group)(?:\|[^>]*)?>")
_PLAIN = re.compile(r"(?<![\w@])@(channel|here|everyone)\b")


def mentions(message: SlackMessage) -> set[str]:
    """User ids, group ids and `channel`, `here`, `everyone` that get a notification."""
    found = set(_in_markup(message.text))
    if message.link_names:
        found |= {each.group(1) for each in _PLAIN.finditer(message.text)}
    return found | set(_in_blocks(message.blocks)) | set(_in_blocks(message.attachments))


def _in_blocks(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _in_blocks(each)
        return
    if not isinstance(part, dict):
        return
    kind = part.get("type")
    if kind in ("mrkdwn", "markdown") and isinstance(part.get("text"), str):
        yield from _in_markup(part["text"])
    elif kind == "user":
        yield str(part.get("user_id"))
    elif kind == "usergroup":
        yield str(part.get("usergroup_id"))
    elif kind == "broadcast":
        yield str(part.get("range"))
    for value in part.values():
        if isinstance(value, dict | list):
            yield from _in_blocks(value)


def _in_markup(text: str) -> Iterator[str]:
    for each in _CALL.finditer(text):
        yield each.group(1).removeprefix("!subteam^").lstrip("@!")
