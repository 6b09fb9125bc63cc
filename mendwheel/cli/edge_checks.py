"""Checks of what people and systems reach us by: Slack, Jira, alerts, whoever is on call."""

import asyncio
import ipaddress
from collections.abc import Callable, Iterator

from mendwheel.cli.checks import Check, fail, ok, warn
from mendwheel.cli.place_checks import named, unsafe
from mendwheel.domain.place import JIRA, SLACK, Place
from mendwheel.settings import Settings


async def edges(settings: Settings) -> list[Check]:
    """All of them, Slack and Jira side by side: each may have to wait for a network."""
    from mendwheel.cli.jira_checks import jira
    from mendwheel.cli.slack_checks import slack

    found = await asyncio.gather(
        asyncio.to_thread(_looked, slack, settings), asyncio.to_thread(_looked, jira, settings)
    )
    return [*found[0], *found[1], *places(settings), alerts(settings), oncall(settings)]


def _looked(look: Callable[[Settings], Iterator[Check]], settings: Settings) -> list[Check]:
    return list(look(settings))


def places(settings: Settings) -> Iterator[Check]:
    """What the settings name as a place is one, in a system that is used. Silent when all is."""
    for name in named(settings):
        try:
            system = Place.parse(name).system
        except ValueError as error:
            yield fail("places", str(error), "correct places and alerts_show_in")
            continue
        used = {SLACK: settings.slack, JIRA: settings.jira}.get(system)
        if used is None:
            yield fail("places", f"{name} is in no system that we know", "write slack:… or jira:…")
        elif not used:
            way = "set slack_bot_token" if system == SLACK else "set jira_base_url and jira_token"
            yield fail("places", f"{name} is named, but {system} is not used", way)


def alerts(settings: Settings) -> Check:
    """Who may open tickets by alerts, and where those are followed."""
    shown = ", ".join(settings.alerts_show_in) or "nowhere but here"
    if settings.alerts_token is not None:
        return ok("alerts", f"a token is asked for; followed in {shown}")
    host = settings.listen.rpartition(":")[0].strip("[]")
    if _loopback(host):
        return ok("alerts", f"taken from this machine only, without a token; followed in {shown}")
    return warn(
        "alerts",
        f"anybody who reaches {settings.listen} can open tickets",
        "set alerts_token, and give it to Alertmanager",
    )


def oncall(settings: Settings) -> Check:
    """That it is set up as a whole. Nobody is called to find out."""
    if settings.oncall_url is None:
        if settings.oncall_key is not None:
            return warn("on call", "a key without an address", "set oncall_url")
        return ok("on call", "not used: nobody is called when a human has to go on")
    if unsafe(settings.oncall_url):
        return warn("on call", "the key travels unencrypted", "set oncall_url to https://…")
    return ok("on call", f"{settings.oncall_format}, called when a human has to go on")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
