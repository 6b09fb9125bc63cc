"""One small world of the bench: Temporal, Jira, a proxy, a worker and a server that are killed."""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from lanternpost.chat.stage import Scene
from lanternpost.host import state
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bench.faults.deaths import Deaths
from bench.faults.family import Family
from bench.faults.orders import order, settings
from bench.faults.plan import SERVER, TEMPORAL, VICTIMS, WORKER, Fates, Kill, armed, shift
from bench.faults.proxy import Proxy
from bench.world import KNOWLEDGE
from mendwheel.embedded import EmbeddedTemporal, EmbeddedUnavailable
from mendwheel.embedded_process import free_port
from mendwheel.knowledge.sources import Problem, read_documents
from mendwheel.stores.bundle import Stores
from tests.counterparts import JiraCounterpart, SlackCounterpart

GAP = (0.7, 2.5)
"""Seconds from one kill to the next that waits for its boundary."""

PATIENCE = 6.0
"""Seconds that boundaries are waited for; then somebody is killed wherever they are."""

CHANNELS = ("support", "operations")


class World:
    """Keeps its processes alive, and has them killed, until it is told to be calm."""

    def __init__(
        self, name: str, seed: int, folder: Path, family: Family, slack: SlackCounterpart
    ) -> None:
        self.name, self.seed, self.folder = name, seed, folder
        self.plain = name == "baseline"
        self.slack = slack
        self.jira = JiraCounterpart()
        self.channels: dict[str, str] = {}
        self.problems: list[str] = []
        self.kills: Counter[str] = Counter()
        self.deaths = Deaths(folder)
        self.fates = Fates(seed)
        self._family = family
        self._random = random.Random(f"world {seed} {name}")
        self._starts: Counter[str] = Counter()
        self._pids: dict[str, int | None] = dict.fromkeys(VICTIMS)
        self._waiting = armed(seed)
        self._calm = False
        self._orders: dict[str, dict[str, Any]] = {}

    @property
    def url(self) -> str:
        return f"http://{self.settings.listen}"

    @asynccontextmanager
    async def running(self, scene: Scene) -> AsyncIterator["World"]:
        self.folder.mkdir(parents=True)
        self.state = self.folder / "platform.json"
        self.state.write_text(json.dumps(scene.platform))
        self.channels = {
            name: await asyncio.to_thread(self.slack.channel, f"{name}-{self.name}")
            for name in CHANNELS
        }
        await asyncio.to_thread(self.jira.__enter__)
        self.temporal = EmbeddedTemporal(self.folder / "temporal", ui=False, port=free_port(0))
        await self.temporal.start()
        self.proxy = Proxy(self.slack.url, self.jira.url, self.fates, self.deaths)
        self.proxy.start()
        self.settings = settings(self, str(scene.second.component))
        address = self.temporal.address
        self.client = await Client.connect(address, data_converter=pydantic_data_converter)
        self.stores = Stores(self.settings.store_path)
        with self.stores:
            self._learn()
            self._orders = {kind: order(self, kind, scene) for kind in (WORKER, SERVER)}
            keeping = [asyncio.ensure_future(self._keep(victim)) for victim in VICTIMS]
            killing = asyncio.ensure_future(self._kill_in_turn())
            try:
                yield self
            finally:
                self._calm = True
                for task in (killing, *keeping):
                    task.cancel()
                await asyncio.gather(killing, *keeping, return_exceptions=True)
                await self._end()

    async def calm(self) -> None:
        """Nobody is killed and nothing goes wrong any more."""
        self._calm = self.fates.calm = True
        self.deaths.disarm()

    async def up(self) -> None:
        """Return when all processes are there."""
        while True:
            if all(self._pids.values()):
                return
            await asyncio.sleep(0.1)

    # Processes

    async def _keep(self, victim: str) -> None:
        while True:
            pid, died = await (self._watch_temporal() if victim == TEMPORAL else self._bear(victim))
            self.deaths.pid(victim, None)
            self._pids[victim] = None
            if not (died == signal.SIGKILL and self._tally(pid)):
                self.problems.append(f"{victim} ended by itself ({died})")
                await asyncio.sleep(1.0)

    async def _bear(self, victim: str) -> tuple[int, int]:
        died = asyncio.get_running_loop().create_future()
        self._starts[victim] += 1
        off = shift(self.seed, victim, self._starts[victim])
        wanted = {**self._orders[victim], "shift": off}

        def tell(signal: int) -> None:
            if not died.done():
                died.set_result(signal)

        pid = await self._family.bear(wanted, tell)
        if await self._family.ready(pid):
            self.deaths.pid(victim, pid)
            self._pids[victim] = pid
        return pid, int(await died)

    async def _watch_temporal(self) -> tuple[int, int]:
        while self.temporal.pid is None:
            await self.temporal.stop()
            with suppress(EmbeddedUnavailable):
                await self.temporal.start()
        pid = self._pids[TEMPORAL] = self.temporal.pid
        self.deaths.pid(TEMPORAL, pid)
        process = self.temporal._process
        assert process is not None
        while True:
            if process.poll() is not None:
                return pid, -process.returncode
            await asyncio.sleep(0.05)

    # Kills

    async def _kill_in_turn(self) -> None:
        """One after another, whether or not all is up again; whoever is down is left alone."""
        await self.up()
        while not self._calm:
            await asyncio.sleep(self._random.uniform(*GAP))
            if self._calm:
                return
            before = len(self.deaths.record())
            self.deaths.arm(self._waiting)
            try:
                async with asyncio.timeout(PATIENCE):
                    while True:
                        if len(self.deaths.record()) > before:
                            break
                        await asyncio.sleep(0.05)
            except TimeoutError:
                self.deaths.disarm()
                if len(self.deaths.record()) == before:
                    self._anybody()
            await asyncio.sleep(0.2)

    def _anybody(self) -> None:
        victim = self._random.choice([WORKER, WORKER, SERVER, TEMPORAL])
        pid = self._pids[victim]
        # As the others know it: nobody is struck twice.
        if pid is not None and self.deaths.alive(victim) and not self._calm:
            kill = Kill(victim=victim, moment="random", name="any")
            self.deaths.strike(kill, pid)

    def _tally(self, pid: int) -> bool:
        """Counts the kill that `pid` has died of; False: nobody struck it."""
        for record in self.deaths.record():
            if record["pid"] == pid:
                kill = Kill.model_validate({key: record[key] for key in Kill.model_fields})
                self.kills[str(kill)] += 1
                with suppress(ValueError):
                    self._waiting.remove(kill)
                return True
        return False

    # Setting up and taking down

    def _learn(self) -> None:
        read = (each for each in read_documents(KNOWLEDGE) if not isinstance(each, Problem))
        self.stores.knowledge.add(self.settings.tenant, read)

    async def _end(self) -> None:
        for victim in (WORKER, SERVER):
            if pid := self._pids[victim]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await self.temporal.stop()
        await asyncio.to_thread(self.proxy.stop)
        await asyncio.to_thread(self.jira.__exit__, None, None, None)

    def executions(self) -> list[str]:
        """What the host's platform has done, by the id of the remedy's workflow."""
        os.environ[state.STATE_VARIABLE] = str(self.state)
        services = state.read()
        return [asked for each in services.values() for asked in each.get("done", [])]
