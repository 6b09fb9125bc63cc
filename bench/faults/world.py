"""One small world of the bench: Temporal, Jira, a proxy, a worker and a server that are killed."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from lanternpost.chat.stage import Scene
from lanternpost.host import state
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bench.faults.deaths import Deaths
from bench.faults.family import Family
from bench.faults.host import DONE
from bench.faults.hunt import Hunt
from bench.faults.namespace import found
from bench.faults.orders import order, settings
from bench.faults.plan import PLATFORM, SERVER, TEMPORAL, VICTIMS, WORKER, Fates, shift
from bench.faults.proxy import Proxy
from bench.faults.ways import ELSEWHERE, NAMESPACE, named, ways
from bench.world import KNOWLEDGE
from mendwheel.embedded import EmbeddedTemporal, EmbeddedUnavailable
from mendwheel.embedded_process import free_port
from mendwheel.knowledge.sources import Problem, read_documents
from mendwheel.stores.bundle import Stores
from tests.counterparts import JiraCounterpart, SlackCounterpart

CHANNELS = ("support", "operations")


class World:
    """Keeps its processes alive, and has them killed, until it is told to be calm."""

    def __init__(
        self,
        name: str,
        seed: int,
        folder: Path,
        family: Family,
        slack: SlackCounterpart,
        met: Mapping[str, int],
    ) -> None:
        self.name, self.seed, self.folder = name, seed, folder
        self.plain = name == "baseline"
        self.slack = slack
        self.jira = JiraCounterpart()
        self.channels: dict[str, str] = {}
        self.problems: list[str] = []
        self.ways = ways(seed)
        self.deaths = Deaths(folder)
        self.fates = Fates(seed)
        self._family = family
        self._starts: Counter[str] = Counter()
        self._ends: Counter[str] = Counter()
        self._pids: dict[str, int | None] = dict.fromkeys(VICTIMS)
        self.hunt = Hunt(seed, name, self.deaths, self._pids, met)
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
        address = self.temporal.address
        self.client = await Client.connect(address, data_converter=pydantic_data_converter)
        await self._build_platform()
        self.proxy = Proxy(self.slack.url, self.jira.url, self.platform, self.fates, self.deaths)
        self.proxy.start()
        component = str(scene.second.component)
        self.settings = await asyncio.to_thread(settings, self, component)
        self.stores = Stores(self.settings.store_path)
        with self.stores:
            self._learn()
            self._orders = {kind: order(self, kind, scene) for kind in (WORKER, SERVER)}
            keeping = [asyncio.ensure_future(self._keep(victim)) for victim in VICTIMS]
            await self.up()
            killing = asyncio.ensure_future(self.hunt.go_on())
            try:
                yield self
            finally:
                self.hunt.over = True
                for task in (killing, *keeping):
                    task.cancel()
                await asyncio.gather(killing, *keeping, return_exceptions=True)
                await self._end()

    async def calm(self) -> None:
        """Nobody is killed and nothing goes wrong any more."""
        self.hunt.over = self.fates.calm = True
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
            before = self._ends[TEMPORAL]
            pid, died = await (self._watch_temporal() if victim == TEMPORAL else self._bear(victim))
            came_up = self._pids[victim] is not None
            self.deaths.pid(victim, None)
            self._pids[victim] = None
            self._ends[victim] += 1
            if died == signal.SIGKILL and self.hunt.tally(pid):
                continue
            await asyncio.sleep(1.0)
            if came_up or self._ends[TEMPORAL] == before:
                # What starts while Temporal dies may give up over that.
                self.problems.append(f"{victim} ended by itself ({died})")

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

    # Setting up and taking down

    async def _build_platform(self) -> None:
        """What remedies change, and a namespace for the host where its workflows live in one."""
        port = free_port(0)
        self.platform = f"http://127.0.0.1:{port}"
        told = {"kind": PLATFORM, "folder": str(self.folder), "port": port}
        told["log"] = str(self.folder / f"{PLATFORM}.log")
        self._platform = await self._family.bear(told, lambda signal: None)
        if not await self._family.ready(self._platform):
            raise RuntimeError(f"the platform did not come up: see {told['log']}")
        if ELSEWHERE in self.ways.values():
            await found(self.client, NAMESPACE)

    def _learn(self) -> None:
        read = (each for each in read_documents(KNOWLEDGE) if not isinstance(each, Problem))
        self.stores.knowledge.add(self.settings.tenant, named(read, self.ways))

    async def _end(self) -> None:
        for pid in (self._pids[WORKER], self._pids[SERVER], self._platform):
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await self.temporal.stop()
        await asyncio.to_thread(self.proxy.stop)
        await asyncio.to_thread(self.jira.__exit__, None, None, None)

    def services(self) -> dict[str, dict[str, Any]]:
        """How the platform stands."""
        os.environ[state.STATE_VARIABLE] = str(self.state)
        return state.read()

    def done(self, service: str) -> list[str]:
        """What was done to a service, by whoever asked for it."""
        return list(self.services()[service].get(DONE, []))
