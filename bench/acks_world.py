"""What the acks bench works in: Slack's counterpart, our server, a worker and Temporal."""

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.processes import Child
from bench.tickets import draft
from bench.world import World, say, world
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.slack import names
from tests.counterparts import SlackCounterpart
from tests.counterparts.people import button

REPORTER, APPROVER = "mara", "ada"
AT_ONCE = 16
ASKED_WITHIN = 120.0
ADDRESS = "listening"


@dataclass(frozen=True)
class Parked:
    """A ticket that waits for a decision, and its card."""

    ticket: str
    request_id: str
    card: dict[str, Any]


@dataclass(frozen=True)
class AcksWorld:
    here: World
    slack: SlackCounterpart
    channel: str
    url: str
    server: Child
    worker: Child


@asynccontextmanager
async def acks_world() -> AsyncIterator[AcksWorld]:
    with SlackCounterpart() as slack:
        os.environ |= {
            "MENDWHEEL_SLACK_BASE_URL": slack.url,
            "MENDWHEEL_SLACK_BOT_TOKEN": slack.bot_token,
            "MENDWHEEL_SLACK_SIGNING_SECRET": slack.signing_secret,
            "MENDWHEEL_LOG_LEVEL": "warning",
        }
        async with world() as here:
            with ExitStack() as stack:
                worker = _worker(here, f"slack:{slack.users[APPROVER]}")
                stack.callback(worker.stop)
                server = _server(here)
                stack.callback(server.stop)
                await worker.line()
                url = (await server.line()).removeprefix(ADDRESS).strip()
                yield AcksWorld(here, slack, slack.channels["support"], url, server, worker)


def _worker(here: World, approver: str) -> Child:
    address, log = here.server.address, here.home / "worker.log"
    command = [sys.executable, "-m", "bench.acks_worker", address, str(here.home), approver]
    return Child("worker", command, log)


def _server(here: World) -> Child:
    environment = {
        "MENDWHEEL_HOME": str(here.home),
        "MENDWHEEL_TEMPORAL_ADDRESS": here.server.address,
        "MENDWHEEL_LISTEN": "127.0.0.1:0",
    }
    command = [str(Path(sys.executable).with_name("mendwheel")), "serve"]
    return Child("mendwheel serve", command, here.home / "server.log", **environment)


async def park(made: AcksWorld, count: int) -> list[Parked]:
    """`count` tickets with an open question each, and their cards with its buttons."""
    here, numbers = made.here, itertools.count()
    intake = Intake(here.client, here.stores, here.settings)
    tickets: list[str] = []

    async def take() -> None:
        while len(tickets) < count:
            incident = draft(next(numbers), role="anomaly").model_copy(
                update={
                    "place": f"slack:{made.channel}",
                    "reporter": f"slack:{made.slack.users[REPORTER]}",
                }
            )
            # Without recall, so that no incident is taken for another one's duplicate.
            ticket = (await intake.submit(incident, recall=False)).ticket_id
            if not await _asked(here, ticket):
                continue
            tickets.append(ticket)
            if len(tickets) % 100 == 0:
                say(f"{len(tickets)} of {count} tickets wait for a decision")

    async with asyncio.timeout(ASKED_WITHIN + count):
        await asyncio.gather(*(take() for _ in range(AT_ONCE)))
        cards = await _cards(made, set(tickets))
    return [Parked(ticket, _request(cards[ticket]), cards[ticket]) for ticket in tickets[:count]]


async def _asked(here: World, ticket: str) -> bool:
    """Whether it asks; some incidents are handed over, because no remedy fits."""
    while True:
        if here.stores.questions.open(ticket) is not None:
            return True
        if here.stores.outcomes.latest(ticket) is not None:
            return False
        await asyncio.sleep(0.05)


async def _cards(made: AcksWorld, tickets: set[str]) -> dict[str, dict[str, Any]]:
    """Ticket → its card, once each has a button to approve."""
    while True:
        said = await asyncio.to_thread(made.slack.history, made.channel)
        cards = {each["text"].splitlines()[-1]: each for each in said if _asks(each)}
        if tickets <= cards.keys():
            return cards
        await asyncio.sleep(0.5)


def _asks(message: dict[str, Any]) -> bool:
    try:
        button(message, names.APPROVE)
    except LookupError:
        return False
    return True


def _request(card: dict[str, Any]) -> str:
    return str(button(card, names.APPROVE)[1]["value"])
