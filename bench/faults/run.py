"""One seed: the suite and its baseline side by side, from the first report to the last count."""

import asyncio
import bisect
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from temporalio.service import RPCError

from bench.faults.cast import cast
from bench.faults.count import Counted, count
from bench.faults.family import Family
from bench.faults.people import People, Sent
from bench.faults.world import World
from bench.world import say
from tests.counterparts import SlackCounterpart

NAMES = ("ours", "baseline")

WRITES, LONGEST = 30, 2.5
"""A storm goes on until so many writes were carried out, at most so many times as long as meant."""

PATIENCE = 240.0
"""Seconds that everything may take to come to an end after the storm."""

SETTLED = 2.0
"""Seconds for what is still in flight."""


async def run(
    seed: int,
    folder: Path,
    family: Family,
    slack: SlackCounterpart,
    storm: float,
    met: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    """Everything that is known of it, as a line of the results. `met`: kills of earlier seeds."""
    started = time.monotonic()
    worlds = [World(name, seed, folder / name, family, slack, met[name]) for name in NAMES]
    both = await asyncio.gather(*(_one(world, storm) for world in worlds))
    ours, baseline = both
    say(
        f"seed {seed}: {sum(ours['kills'].values())} kills, {ours['tickets']} tickets, "
        f"lost {ours['lost']}, duplicates {ours['duplicates']}; baseline lost "
        f"{baseline['lost']}, duplicates {baseline['duplicates']} "
        f"({time.monotonic() - started:.0f} s)"
    )
    for name, result in zip(NAMES, both, strict=True):
        for problem in [*result["troubles"], *result["problems"]]:
            say(f"  seed {seed} {name}: {problem}")
    took = round(time.monotonic() - started)
    return {"seed": seed, "seconds": took, **dict(zip(NAMES, both, strict=True))}


async def _one(world: World, storm: float) -> dict[str, Any]:
    drawn = cast(world.seed)
    async with world.running(drawn), aiohttp.ClientSession() as session:
        people = People(world, session)
        deciding = asyncio.ensure_future(people.decide())
        tending = asyncio.ensure_future(people.operators.work())
        reporting = asyncio.ensure_future(people.report(drawn))
        begun = time.monotonic()
        ended = asyncio.ensure_future(_ended(people, reporting, deciding, tending))
        await _storm(world, ended, storm)
        await world.calm()
        try:
            async with asyncio.timeout(PATIENCE):
                await world.up()
                await ended
        except TimeoutError:
            world.problems.append("not everything has ended in time")
        for task in (reporting, deciding, tending):
            task.cancel()
        took = time.monotonic() - begun
        await asyncio.sleep(SETTLED)
        counted = await count(world, people)
        return _result(world, people.sent, counted, took)


async def _storm(world: World, ended: "asyncio.Future[None]", seconds: float) -> None:
    """Goes on for longer where a busy machine has come to little by then that could be lost."""
    begun = time.monotonic()
    while not ended.done() and (past := time.monotonic() - begun) < LONGEST * seconds:
        if past >= seconds and len(world.proxy.met.executed) >= WRITES:
            return
        await asyncio.sleep(0.5)


async def _ended(
    people: People, reporting: "asyncio.Task[None]", *going_on: "asyncio.Task[None]"
) -> None:
    """Until everything is reported and acknowledged, and nothing runs any more."""
    quiet = 0
    while True:
        await asyncio.sleep(0.5)
        for each in going_on:
            if each.done():
                each.result()
        if not reporting.done():
            continue
        reporting.result()
        query = "ExecutionStatus = 'Running'"
        try:
            running = [each.id async for each in people.world.client.list_workflows(query)]
        except RPCError:
            continue  # Temporal was killed
        quiet = 0 if running or people.operators.busy() else quiet + 1
        if quiet == 4:  # lists of runs lag behind the runs
            return


def _result(world: World, sent: list[Sent], counted: Counted, took: float) -> dict[str, Any]:
    met = world.proxy.met
    unanswered = [each for each in met.executed if not each.answered]
    return {
        "seconds": round(took),
        "tickets": len(sent),
        "kills": dict(world.hunt.kills),
        "lost": counted.lost,
        "duplicates": counted.duplicates,
        "problems": counted.problems,
        "troubles": world.problems,
        "counts": dict(counted.counts),
        "writes": len(met.executed),
        "answers_lost": len(unanswered),
        "late": sum(each.gone is not None for each in met.executed),
        "overlaps": _overlaps(world),
        "requests": met.requests,
        "fates": dict(met.fates),
    }


def _overlaps(world: World) -> int:
    """Writes that were carried out when a later attempt at the same ticket had begun already."""
    path = world.folder / "starts.jsonl"
    starts: dict[str, list[float]] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        start = json.loads(line)
        starts.setdefault(start["ticket"], []).append(start["at"])
    found = 0
    for each in world.proxy.met.executed:
        if each.gone is None:
            continue
        known = starts.get(each.call.ticket, [])
        found += bisect.bisect(known, each.gone) < bisect.bisect(known, each.at)
    return found
