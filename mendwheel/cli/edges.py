"""Which ways in are on, and the addresses that Slack, Jira and Alertmanager are to be given."""

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mendwheel.settings import Settings


def lines(settings: "Settings", host: str, port: int) -> Iterator[str]:
    """One line each, ready to be printed; no secret is in any."""
    local = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    yield f"listening  {local}"
    yield f"slack      {_slack(settings)}"
    yield f"jira       {_jira(settings)}"
    yield f"alerts     on: Alertmanager's webhook is {local}/alerts"
    if settings.codec_token is not None:
        yield f"codec      on: {local}/codec/{settings.temporal_namespace} is the codec endpoint"
    yield f"health     {local}/healthz, {local}/readyz, {local}/metrics"
    if ipaddress.ip_address(host).is_loopback and _called(settings):
        yield "public     put a proxy that speaks TLS in front, for the paths named above only"


def _called(settings: "Settings") -> bool:
    """Whether somebody on the internet has to reach us."""
    return (settings.slack and settings.slack_mode == "http") or (
        settings.jira and settings.jira_webhook_secret is not None
    )


def _slack(settings: "Settings") -> str:
    if not settings.slack:
        return "off: set slack_bot_token"
    if settings.slack_mode == "socket":
        return "on: Socket Mode, Slack needs no address"
    return (
        "on: https://YOUR-HOST/slack/events is the request URL of events, "
        f"interactivity and {settings.slack_command}"
    )


def _jira(settings: "Settings") -> str:
    if not settings.jira:
        return "off: set jira_base_url and jira_token"
    ways = []
    if settings.jira_webhook_secret is not None:
        ways.append("https://YOUR-HOST/jira/webhook is the webhook's URL")
    if settings.jira_poll_seconds:
        ways.append(f"changes are looked for every {settings.jira_poll_seconds:g} s")
    return f"on: {'; '.join(ways)}" if ways else "on, but deaf: see `mendwheel doctor`"
