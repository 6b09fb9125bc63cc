"""Checks of Slack: the token, its scopes, the channels of the settings, the way in. Only reads."""

import re
from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient

from mendwheel.cli.checks import Check, fail, ok, parted, warn
from mendwheel.cli.group_checks import groups
from mendwheel.cli.place_checks import followed, unsafe
from mendwheel.domain.outside import SLACK_GROUP
from mendwheel.integrations.slack.client import sync_client
from mendwheel.integrations.slack.errors import explained
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

ANSWER_WITHIN = 3.0

NEEDED = {
    "app_mentions:read": "mentions",
    "channels:history": "threads",
    "chat:write": "cards",
    "commands": "the slash command",
    "im:history": "direct messages",
    "users:read": "names",
}
"""Without one of these something of every installation is missing."""

USEFUL = {
    "assistant:write": "the agent view",
    "channels:read": "saying where it has to be invited",
    "groups:history": "threads in private channels",
    "usergroups:read": "user groups as approvers",
}

_HOW = "add them under OAuth & Permissions of the app and install it again"
_SIGNING = re.compile(r"[0-9a-f]{32}")


def slack(settings: Settings) -> Iterator[Check]:
    """Who the token is, what it may do, where it is a member, how Slack's requests come in."""
    if not settings.slack:
        yield ok("slack", "not used: slack_bot_token is not set")
        yield from groups(settings, SLACK_GROUP)
        return
    if unsafe(settings.slack_base_url):
        yield warn("slack", "the token travels unencrypted", "set slack_base_url to https://…")
    client = sync_client(settings, ANSWER_WITHIN)
    try:
        with explained("Slack"):
            known = client.auth_test()
    except PlaceError as error:
        yield _failed("slack", error)
        return
    yield _who(known.get("bot_id"), known.get("user"), known.get("team"))
    yield _scopes(str(known.headers.get("x-oauth-scopes", "")))
    for channel in followed(settings, "slack"):
        yield _channel(client, channel)
    yield from groups(settings, SLACK_GROUP)
    yield _socket(settings, client) if settings.slack_mode == "socket" else _signing(settings)


def _who(bot: Any, user: Any, team: Any) -> Check:
    if not bot:
        return fail(
            "slack", f"{user} is no bot", "set slack_bot_token to the Bot User OAuth Token, xoxb-…"
        )
    return ok("slack", f"the bot {user} in the workspace {team}")


def _scopes(header: str) -> Check:
    given = {scope.strip() for scope in header.split(",") if scope.strip()}
    if not given:
        return warn("slack scopes", "Slack does not say which it gave", "compare the manifest")
    needed = [f"{scope} ({use})" for scope, use in NEEDED.items() if scope not in given]
    if needed:
        return fail("slack scopes", f"missing: {', '.join(needed)}", _HOW)
    useful = [f"{scope} ({use})" for scope, use in USEFUL.items() if scope not in given]
    if useful:
        return warn("slack scopes", f"missing: {', '.join(useful)}", _HOW)
    return ok("slack scopes", f"all that are needed, of {len(given)}")


def _channel(client: WebClient, channel: str) -> Check:
    name = f"slack:{channel}"
    try:
        with explained(name):
            found: dict[str, Any] = client.conversations_info(channel=channel).get("channel") or {}
    except PlaceError as error:
        if error.kind == "missing_scope":
            return warn(name, "cannot be looked at", f"channels:read or groups:read; {_HOW}")
        return _failed(name, error)
    shown = f"#{found.get('name', channel)}"
    if found.get("is_archived"):
        return fail(name, f"{shown} is archived", "unarchive it, or name another channel")
    if not found.get("is_member"):
        return fail(name, f"the bot is not in {shown}", "invite it there: /invite and its name")
    return ok(name, f"{shown}, and the bot is in it")


def _signing(settings: Settings) -> Check:
    secret = settings.slack_signing_secret
    if secret is None:
        return fail("slack requests", "unsigned ones are refused", "set slack_signing_secret")
    if not _SIGNING.fullmatch(secret.get_secret_value()):
        return warn(
            "slack requests",
            "slack_signing_secret is not 32 hexadecimal digits, as Slack's are",
            "copy the Signing Secret under Basic Information of the app",
        )
    return ok("slack requests", "come to /slack/events and are verified by their signature")


def _socket(settings: Settings, client: WebClient) -> Check:
    """Asks for an address to connect to, and leaves it at that."""
    token = settings.slack_app_token
    if token is None:
        return fail("slack socket", "no app token", "set slack_app_token, xapp-…")
    try:
        with explained("Slack"):
            client.apps_connections_open(app_token=token.get_secret_value())
    except PlaceError as error:
        if error.retryable:
            return _failed("slack socket", error)
        return fail(
            "slack socket",
            f"Slack refuses the app token ({error.kind})",
            "make an app-level token with connections:write and set slack_app_token",
        )
    return ok("slack socket", "Slack opens a connection")


def _failed(name: str, error: PlaceError) -> Check:
    check = parted(name, str(error))
    if error.retryable:  # the message promises another attempt, which there is none of here
        return fail(name, check.detail, "check slack_base_url and the network")
    return check
