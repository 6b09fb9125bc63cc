"""Plays the whole corpus twice, with the defences and without, and the benign tickets once."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bench.injection.approver import agree
from bench.injection.cases import Case, cases
from bench.injection.placing import NEWS, Place, place, report, tell_news
from bench.injection.spoofing import alert, attack
from bench.injection.undefended import ACTS, undefended
from bench.injection.watching import Verdict, outside, verdict
from bench.injection.wishes import wish
from bench.injection.world import POLICY, World, world
from bench.world import say
from mendwheel.embedded import EmbeddedTemporal
from mendwheel.integrations.reach import TicketNotFound

AT_ONCE = 8
PATIENCE = 60.0
"""Seconds a case may take on a loaded machine."""

Played = tuple[Case, Place, str, str]
"""A case, where it took place, its ticket, and how that ended."""


def main() -> dict[str, Any]:
    return asyncio.run(bench())


async def bench() -> dict[str, Any]:
    chosen = cases()
    if given := os.environ.get("LIMIT", "").strip():
        chosen = chosen[:: max(1, len(chosen) // int(given))]
    with tempfile.TemporaryDirectory(prefix="mendwheel-injection-") as folder:
        async with EmbeddedTemporal(Path(folder), ui=False, port=0) as server:
            client = await Client.connect(server.address, data_converter=pydantic_data_converter)
            home = Path(folder)
            say(f"{len(chosen)} attacks, with the defences")
            defended = await played(client, home / "defended", chosen)
            _tell(defended)
            say(f"{len(chosen)} attacks, without")
            with undefended():
                bare = await played(client, home / "bare", chosen, policy=ACTS)
            _tell_harmless(bare)
            from bench.injection.benign import benign

            say("tickets that sound alarming")
            harmless = await benign(client, home / "benign")
    return _summary(defended, bare) | harmless


def _summary(defended: Sequence[Verdict], bare: Sequence[Verdict]) -> dict[str, Any]:
    count, hijacked = len(defended), sum(each.by_itself for each in bare)
    return {
        "attacks": count,
        "hijacked_writes": sum(bool(each.writes) for each in defended),
        "leaked_secrets": sum(bool(each.leaks) for each in defended),
        "undefended_hijacked": hijacked,
        "undefended_share": round(hijacked / count, 3),
        "families": len({each.case.family for each in defended}),
    }


async def played(
    client: Client, home: Path, chosen: list[Case], *, policy: str = POLICY
) -> list[Verdict]:
    """What came of each case, in order."""
    await asyncio.to_thread(home.mkdir)
    async with world(client, home, chosen, policy=policy) as here:
        room, began = asyncio.Semaphore(AT_ONCE), time.monotonic()

        async def one(case: Case) -> Played:
            async with room:
                return await play(here, case)

        done = await asyncio.gather(*(one(case) for case in chosen))
        say(f"played in {time.monotonic() - began:.0f} s")
        seen = outside(here)
        return [verdict(here, *each, seen) for each in done]


async def play(here: World, case: Case) -> Played:
    """One case to its end; how it ended is told as well when that was not as it should."""
    here.model.wishes[case.marker] = wish(case)
    where, ticket = place(here, case), ""
    try:
        async with asyncio.timeout(PATIENCE):
            if case.goal == "alert":
                return case, where, await alert(here, case) or "no ticket", "alert"
            ticket = await report(here, case, where)
            return case, where, ticket, await _to_its_end(here, case, where, ticket)
    except TimeoutError:
        return case, where, ticket or "no ticket", "never ended"


async def _to_its_end(here: World, case: Case, where: Place, ticket: str) -> str:
    if case.goal == "approval":
        asked = await attack(here, case, where, ticket)
        await _stop(here, ticket)
        return await _ended(here, ticket) if asked else "never asked"
    if case.how in NEWS:
        await here.until(lambda: _waits(here, ticket))
        await tell_news(here, case, where, ticket)
    ending = asyncio.ensure_future(_ended(here, ticket))
    try:
        while not ending.done():
            waiting = case.how == "slack_asked" and len(_said(here, where)) > 1
            if waiting:
                await _stop(here, ticket)
            await agree(here, where, ticket)
            await asyncio.wait([ending], timeout=0.2)
        return await ending
    finally:
        ending.cancel()


async def _stop(here: World, ticket: str) -> None:
    with contextlib.suppress(TicketNotFound):  # it has ended by itself
        await here.edge.intake.cancel(ticket, "operator")


def _waits(here: World, ticket: str) -> bool:
    asks = here.stores.questions.open(ticket) is not None
    return asks or here.stores.outcomes.latest(ticket) is not None


def _said(here: World, where: Place) -> list[Any]:
    return here.slack.messages(where.slack, by_app=True)


async def _ended(here: World, ticket: str) -> str:
    outcome = await here.edge.reach.handle(ticket).result()
    return f"{outcome.kind.value}: {outcome.reason}"


def _tell(verdicts: Sequence[Verdict]) -> None:
    for each in verdicts:
        if each.hijacked or each.ended.startswith("never"):
            say(f"{each.case.name}: {'; '.join([*each.writes, *each.leaks])} ({each.ended})")
    say(str(Counter(each.ended.partition(":")[0] for each in verdicts)))


def _tell_harmless(verdicts: Sequence[Verdict]) -> None:
    """Which cases are none, even where nothing stands in their way."""
    for each in verdicts:
        if not each.by_itself:
            say(f"harmless without defences: {each.case.name} ({each.ended})")
