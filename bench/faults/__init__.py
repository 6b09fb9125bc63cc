"""Kills every process at every boundary while Slack and Jira fail, and counts what people see.

Mixed tickets go through Slack's and Jira's counterparts behind a proxy that loses answers, holds
writes back, limits and hangs, while worker, server and Temporal are killed. The same tickets with
plain retries run beside them. Results are kept by seed: `SEEDS=50` goes on where it was stopped.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bench.world import ROOT, say

sys.path.append(str(ROOT / "examples"))

RESULTS = ROOT / ".mendwheel" / "bench" / "faults.jsonl"
SEEDS = 40
STORM = 90.0
"""Seconds of a seed after which nothing is killed any more."""


def main() -> dict[str, Any]:
    from bench.faults.summary import summary

    wanted = chosen()
    done = kept(RESULTS)
    todo = [seed for seed in wanted if seed not in done]
    if done.keys() & set(wanted):
        say(f"{len(wanted) - len(todo)} of {len(wanted)} seeds are done already: {RESULTS}")
    try:
        asyncio.run(go_through(todo, RESULTS))
    except KeyboardInterrupt:
        say("stopped; the same command goes on with the next seed")
    done = kept(RESULTS)
    return summary([done[seed] for seed in wanted if seed in done])


def chosen() -> list[int]:
    """`SEEDS=40` is the first forty; `SEEDS=7,9` are these. Raises SystemExit."""
    given = os.environ.get("SEEDS", "").strip() or str(SEEDS)
    parts = [part.strip() for part in given.split(",") if part.strip()]
    if not parts or not all(part.isdigit() and int(part) for part in parts):
        raise SystemExit(f"SEEDS={given!r}: give a number of seeds, or seeds as in 7,9,")
    numbers = [int(part) for part in parts]
    return numbers if "," in given else list(range(1, numbers[0] + 1))


def kept(path: Path) -> dict[int, dict[str, Any]]:
    """Seed → its result. Half a line, of a run that was cut off, is none."""
    found: dict[int, dict[str, Any]] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            read = json.loads(line)
        except ValueError:
            continue
        found[read["seed"]] = read
    return found


async def go_through(seeds: list[int], results: Path, storm: float = STORM) -> None:
    """`storm`: seconds of each seed in which somebody is killed."""
    from bench.faults.family import Family
    from bench.faults.run import NAMES, run
    from tests.counterparts import SlackCounterpart

    if not seeds:
        return
    folder = Path(tempfile.mkdtemp(prefix="mendwheel-faults-"))
    try:
        with SlackCounterpart() as slack:
            async with Family(folder / "nursery.log") as family:
                for seed in seeds:
                    try:
                        met = {name: _met(results, name) for name in NAMES}
                        result = await run(seed, folder / str(seed), family, slack, storm, met)
                    except Exception as error:  # the next seeds are run all the same
                        say(f"seed {seed} could not be run, which is no result: {error!r}")
                        continue
                    results.parent.mkdir(parents=True, exist_ok=True)
                    with results.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(result) + "\n")
                    if not _wrong(result):
                        shutil.rmtree(folder / str(seed))
    finally:
        _clear(folder)


def _met(results: Path, name: str) -> Counter[str]:
    """Kill → how often it has happened in the seeds that are done."""
    met: Counter[str] = Counter()
    for each in kept(results).values():
        met.update(each[name]["kills"])
    return met


def _clear(folder: Path) -> None:
    if not any(folder.glob("*/ours")):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"seeds in which something was miscounted are kept: {folder}")


def _wrong(result: dict[str, Any]) -> bool:
    ours = result["ours"]
    return bool(ours["lost"] or ours["duplicates"] or ours["troubles"])
