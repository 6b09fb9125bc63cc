"""Has the processes of a world killed one by one, first at boundaries that were never met."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from bench.faults.deaths import Deaths
from bench.faults.plan import SERVER, TEMPORAL, WORKER, Kill, armed

GAP = (0.4, 1.6)
"""Seconds from one kill to the next that waits for its boundary."""

LOOK_EVERY = 0.05

FIRST, PATIENCE = 2.5, 2.5
"""Seconds that only new boundaries are waited for, and then any; then somebody is killed wherever
they are."""


class Hunt:
    """`pids`: who is there now. `met`: kill → how often it has happened in the seeds before."""

    def __init__(
        self,
        seed: int,
        name: str,
        deaths: Deaths,
        pids: Mapping[str, int | None],
        met: Mapping[str, int],
    ) -> None:
        self.kills: Counter[str] = Counter()
        self.over = False
        self._deaths = deaths
        self._pids = pids
        self._random = random.Random(f"world {seed} {name}")
        self._new, self._known = armed(seed, met)

    async def go_on(self) -> None:
        """One after another, whether or not all is up again; whoever is down is left alone."""
        while not self.over:
            await asyncio.sleep(self._random.uniform(*GAP))
            if self.over:
                return
            before = len(self._deaths.record())
            if not await self._met(self._new, FIRST, before):
                await self._met([*self._new, *self._known], PATIENCE, before)
            self._deaths.disarm()
            if len(self._deaths.record()) == before:
                self._anybody()
            await asyncio.sleep(0.2)

    async def _met(self, kills: list[Kill], within: float, before: int) -> bool:
        self._deaths.arm(kills)
        for _ in range(int(within / LOOK_EVERY)):
            if len(self._deaths.record()) > before:
                return True
            await asyncio.sleep(LOOK_EVERY)
        return False

    def _anybody(self) -> None:
        victim = self._random.choice([WORKER, WORKER, SERVER, TEMPORAL])
        pid = self._pids[victim]
        # As the others know it: nobody is struck twice.
        if pid is not None and self._deaths.alive(victim) and not self.over:
            kill = Kill(victim=victim, moment="random", name="any")
            self._deaths.strike(kill, pid)

    def tally(self, pid: int) -> bool:
        """Counts the kill that `pid` has died of; False: nobody struck it."""
        for record in self._deaths.record():
            if record["pid"] == pid:
                kill = Kill.model_validate({key: record[key] for key in Kill.model_fields})
                self.kills[str(kill)] += 1
                for waiting in (self._new, self._known):
                    with suppress(ValueError):
                        waiting.remove(kill)
                return True
        return False
