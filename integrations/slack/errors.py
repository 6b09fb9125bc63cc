"""What Slack refuses or leaves unanswered, as one line for people with the way out."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from mendwheel.ports.world import PlaceError
from mendwheel.retry_after import seconds_to_wait

_RENEW = "set MENDWHEEL_SLACK_BOT_TOKEN to the app's present xoxb-… token and start again"
_TOO_MUCH = "report this with the ticket's id; the ticket itself goes on"
_ADMIN = "ask an administrator of the workspace to allow it"

_WAYS_OUT = {
    "channel_not_found": "check the id, and if the channel is private, /invite @mendwheel there",
    "not_in_channel": "the bot is not in it: /invite @mendwheel there",
    "is_archived": "it is archived: unarchive it, or name another channel in the settings",
    "no_such_subteam": "check the id: Slack knows no such user group, or it is disabled",
    "user_not_found": "check the id: Slack knows no such user",
    "invalid_auth": _RENEW,
    "not_authed": _RENEW,
    "account_inactive": _RENEW,
    "token_revoked": _RENEW,
    "token_expired": _RENEW,
    "not_allowed_token_type": _RENEW,
    "no_permission": _ADMIN,
    "restricted_action": _ADMIN,
    "restricted_action_read_only_channel": _ADMIN,
    "restricted_action_thread_only_channel": _ADMIN,
    "access_denied": _ADMIN,
    "ekm_access_denied": _ADMIN,
    "org_login_required": _ADMIN,
    "message_not_found": "the message is gone: somebody may have deleted it",
    "thread_not_found": "the thread is gone: somebody may have deleted its first message",
    "cant_update_message": "another app or user wrote the message: is the token the same as then?",
    "edit_window_closed": "the workspace forbids later edits: ask an administrator to allow them",
    "msg_too_long": _TOO_MUCH,
    "msg_blocks_too_long": _TOO_MUCH,
    "invalid_blocks": _TOO_MUCH,
    "invalid_blocks_format": _TOO_MUCH,
    "no_text": _TOO_MUCH,
    "metadata_too_large": _TOO_MUCH,
    "invalid_metadata_format": _TOO_MUCH,
}

TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long", "invalid_blocks"})
"""Refusals that a shorter message may avoid."""

UNREADABLE = "unreadable"
"""Kind of an answer that is not Slack's, as of a proxy that is in between."""

_PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turns what a Slack client raises into PlaceError; `where` is a place, as `slack:C1`."""
    try:
        yield
    except SlackApiError as error:
        raise refusal(where, error) from None  # the cause holds the request, text and all
    except TimeoutError:
        raise unanswered(where, "timeout", "did not answer in time") from None
    except (OSError, http.client.HTTPException, aiohttp.ClientError) as error:
        reason = str(getattr(error, "reason", "")) or type(error).__name__
        if "timed out" in reason:
            raise unanswered(where, "timeout", "did not answer in time") from None
        raise unanswered(where, "connection", f"cannot be reached ({reason[:120]})") from None
    except (SlackClientError, ValueError) as error:
        kind = type(error).__name__
        raise unanswered(where, "answer", f"gave an answer that is not its own ({kind})") from None


def unanswered(where: str, kind: str, what: str) -> PlaceError:
    """Nothing is known about what became of the request: worth another attempt."""
    return PlaceError(
        where, kind, f"{where}: Slack {what}: it is tried again by itself", retryable=True
    )


def refusal(where: str, error: SlackApiError) -> PlaceError:
    """What Slack's answer means. It may be a plain dict, as in tests of others."""
    response: Any = error.response
    status = int(getattr(response, "status_code", 200) or 200)
    headers = getattr(response, "headers", None) or {}
    kind = _kind(response, status)
    if kind in _PASSING or kind == UNREADABLE or status in (408, 409, 429) or status >= 500:
        wait = seconds_to_wait(headers)
        again = f" in {wait:.0f} s" if wait else ""
        return PlaceError(
            where,
            kind,
            f"{where}: Slack is busy ({kind}): it is tried again{again} by itself",
            retryable=True,
            retry_after=wait,
        )
    return PlaceError(where, kind, f"{where}: Slack refuses it ({kind}): {_way(kind, response)}")


def _kind(response: Any, status: int) -> str:
    """Slack's own word, where the answer is Slack's; else the HTTP status."""
    word = response.get("error") if hasattr(response, "get") and _has_data(response) else None
    if isinstance(word, str) and word.replace("_", "").isalnum():
        return word[:80]
    return str(status) if status != 200 else UNREADABLE


def _has_data(response: Any) -> bool:
    return isinstance(getattr(response, "data", response), dict)


def _way(kind: str, response: Any) -> str:
    if kind == "missing_scope":
        needed = str(response.get("needed") or "?")[:120]
        return f"the app lacks the scope {needed}: add it to the app and install it again"
    return _WAYS_OUT.get(kind, "look it up at https://docs.slack.dev/reference/methods")
