"""A webhook's body as a hint: which issue to read again. Pure.

Texts, names and changes in the body are never used: whoever knows the secret could have made
them up, and deliveries come late, twice and out of order. The poll finds what is ignored here
by mistake.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel

from mendwheel.domain.hint import Hint
from mendwheel.domain.ids import digest

CREATED = "jira:issue_created"
UPDATED = "jira:issue_updated"
COMMENTED = "comment_created"
COMMENT_EDITED = "comment_updated"
FOLLOWED = (CREATED, UPDATED, COMMENTED, COMMENT_EDITED)

AUTOMATION = "automation"
"""Our name for what a rule of Jira Automation sends, which names no event."""

KEY = re.compile(r"[A-Z][A-Z0-9_]+-[0-9]+", re.ASCII)

_LONGEST = 200


class MalformedEvent(ValueError):
    """Not a delivery of Jira's; the message says what was expected."""


class Ignored(BaseModel):
    """A delivery that needs no look."""

    why: str


def read(body: bytes, identifier: str, projects: Collection[str], ours: str) -> Hint | Ignored:
    """The hint in `body`.

    Args:
        body: JSON as Jira sent it.
        identifier: `X-Atlassian-Webhook-Identifier`, the same over retries; may be empty.
        projects: keys of the projects that are followed; empty: all.
        ours: id of our own account, empty while it is not known. Of what we did ourselves only
            a new comment is looked at, so that an edit of it is noticed later.

    Raises:
        MalformedEvent: no JSON object.
    """
    payload = _object(body)
    issue = _issue(payload)
    event = _text(payload.get("webhookEvent")) or AUTOMATION
    if event != AUTOMATION and event not in FOLLOWED:
        return Ignored(why="not an event that is followed")
    key = _text(issue.get("key"))
    if not KEY.fullmatch(key):
        # Data Center's comment events may name no issue: its jira:issue_updated comes besides.
        return Ignored(why="names no issue")
    if projects and key.rpartition("-")[0] not in projects:
        return Ignored(why="not in a project that is followed")
    if ours and event in (UPDATED, COMMENT_EDITED) and _actor(payload) == ours:
        return Ignored(why="our own doing")
    delivery = identifier.strip()[:_LONGEST] or _delivery(payload, issue, event, body)
    return Hint(system="jira", key=key, delivery_id=delivery, event=event)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedEvent("the body is no JSON: send Jira's webhook") from None
    if not isinstance(payload, dict):
        raise MalformedEvent("the body is no JSON object: send Jira's webhook")
    return payload


def _issue(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Automation's "issue data" is the issue itself, not an object that holds one."""
    return payload if "key" in payload and "issue" not in payload else _part(payload, "issue")


def _actor(payload: Mapping[str, Any]) -> str:
    """Whoever caused the event. A forged name makes us miss a hint, never act on one."""
    comment = _part(payload, "comment")
    who = _part(comment, "updateAuthor") or _part(comment, "author") or _part(payload, "user")
    return _text(who.get("accountId")) or _text(who.get("name"))


def _delivery(payload: Mapping[str, Any], issue: Mapping[str, Any], event: str, body: bytes) -> str:
    """The same for a repetition, another one for the next news."""
    when = _text(_part(issue, "fields").get("updated")) or _text(payload.get("timestamp"))
    if not when:
        return digest(body.decode("utf-8", "replace"))[:32]
    part = _text(_part(payload, "comment").get("id")) or _text(_part(payload, "rule").get("id"))
    return digest([issue.get("key"), when, event, part])[:32]


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
