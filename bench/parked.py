"""Thousands of tickets that wait for a person: what they cost, and how soon a new worker reacts.

Each is submitted and worked through until it asks for an approval. Then the worker is killed, a
sample is decided at once, and the sample goes through the rest of its life with the next worker.
"""

import asyncio
import os
from statistics import median
from typing import Any

from bench.parked_life import Lived, over_a_kill, still_parked
from bench.parked_world import Parking, grounds, park, park_briefly, size_kb
from bench.world import say

PARKED = 2000
DECIDED = 50
"""At most so many of the parked tickets are decided."""
BRIEF = 5
"""Further tickets, whose questions run out."""
WARM_UP = 5


def main() -> dict[str, Any]:
    return asyncio.run(bench(parked()))


def parked() -> int:
    """How many tickets are to wait. Raises SystemExit when PARKED is no number."""
    given = os.environ.get("PARKED", "").strip() or str(PARKED)
    if not (given.isdigit() and int(given) > 1):
        raise SystemExit(f"PARKED={given!r} is not a number of tickets: give 2000, for example")
    return int(given)


async def bench(count: int) -> dict[str, Any]:
    async with grounds() as made:
        here = made.here
        files = {"temporal": here.server.database, "store": here.settings.store_path}
        warm = await park(made, WARM_UP)
        before = {name: size_kb(path) for name, path in files.items()}
        say(f"parking {count} tickets with an open question each")
        parking = await park(made, count, first=warm.submitted)
        grown = {name: size_kb(path) - before[name] for name, path in files.items()}
        rss = {"parked": made.worker.memory("VmRSS"), "parked_peak": made.worker.memory()}
        say(f"worker {rss['parked']:.0f} MB, at most {rss['parked_peak']:.0f} MB")
        decided = parking.waiting[:: -(-count // min(DECIDED, count // 2))]
        brief = await park_briefly(made, BRIEF, first=warm.submitted + parking.submitted)
        say(f"killing the worker, and deciding {len(decided)} tickets at once")
        lived = await over_a_kill(made, decided, brief)
        rss["restarted_peak"] = made.worker.memory()
        say("looking for every other ticket in Temporal and in the store")
        gone = set(decided)
        rest = [each for each in [*warm.waiting, *parking.waiting] if each not in gone]
        await still_parked(here, lived, rest)
    for line in lived.problems[:20]:
        say(line)
    return _summary(count, parking, lived, grown, rss)


def _summary(
    count: int, parking: Parking, lived: Lived, grown: dict[str, float], rss: dict[str, float]
) -> dict[str, Any]:
    first = [each.first for each in lived.reactions]
    ended = [each.ended for each in lived.reactions]
    # Incidents that asked nothing are in the databases as well.
    kb = {name: round(size / parking.submitted, 1) for name, size in grown.items()}
    return {
        "parked": count,
        "reaction_s": round(min(first), 2) if first else None,
        "worker_rss_mb": round(max(rss.values()), 1),
        "db_kb_per_ticket": round(sum(grown.values()) / parking.submitted, 1),
        "lost": lived.lost,
        "duplicates": lived.duplicates,
        "worker_ready_s": round(lived.ready, 2),
        "reactions_s": _spread(first),
        "ends_s": _spread(ended),
        "fixed": lived.fixed,
        "rejected": lived.rejected,
        "expired": lived.expired,
        "rss_mb": {name: round(size, 1) for name, size in rss.items()},
        "db_kb": kb,
        "submitted": parking.submitted,
        "parked_per_s": round(count / parking.seconds, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def _spread(values: list[float]) -> dict[str, float]:
    """Of seconds after the kill."""
    if not values:
        return {}
    return {"p50": round(median(values), 2), "max": round(max(values), 2), "n": len(values)}
