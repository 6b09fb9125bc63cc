"""Our side of the nursery: orders processes from it and hears of their births and deaths."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.world import ROOT, say


class Family:
    """`born` waits until a process says that it is ready; `died` is called when one has ended."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._orders: dict[int, asyncio.Future[int]] = {}
        self._ready: dict[int, asyncio.Future[None]] = {}
        self._died: dict[int, Callable[[int], None]] = {}
        self._count = 0

    async def __aenter__(self) -> "Family":
        # Bytecode is kept, as where PYTHONDONTWRITEBYTECODE is set: each fork would compile anew.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": str(self._log.parent / "bytecode")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        with self._log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.faults.nursery"),
                cwd=ROOT,
                env=environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # Ctrl-C is for us, who end it
            )
        assert self._process.stdout is not None
        if not await self._process.stdout.readline():
            raise RuntimeError(f"the nursery ended before it was ready: see {self._log}")
        self._listening = asyncio.ensure_future(self._listen())
        self._listening.add_done_callback(_said)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        self._listening.cancel()

    async def bear(self, order: dict[str, Any], died: Callable[[int], None]) -> int:
        """The pid of a new process, as soon as it runs; `died` gets the signal it ended with."""
        self._count += 1
        number, born = self._count, asyncio.get_running_loop().create_future()
        self._orders[number] = born
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**order, "order": number}).encode() + b"\n")
        pid = await born
        self._died[pid] = died
        return int(pid)

    async def ready(self, pid: int) -> bool:
        """False when it died before."""
        waiting = self._ready.setdefault(pid, asyncio.get_running_loop().create_future())
        try:
            await waiting
        except RuntimeError:
            return False
        return True

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            news = json.loads(line)
            if "born" in news:
                self._orders.pop(news["order"]).set_result(news["born"])
            elif "ready" in news:
                self._settle(news["ready"]).set_result(None)
            elif "died" in news:
                # `bear` may be waiting for its turn to say who wants to know.
                await asyncio.sleep(0)
                waiting = self._settle(news["died"])
                if not waiting.done():
                    waiting.set_exception(RuntimeError("died"))
                    waiting.add_done_callback(lambda each: each.exception())
                self._ready.pop(news["died"], None)
                if died := self._died.pop(news["died"], None):
                    died(news["signal"])
            else:
                say(f"the nursery says {news}")

    def _settle(self, pid: int) -> "asyncio.Future[None]":
        return self._ready.setdefault(pid, asyncio.get_running_loop().create_future())


def _said(listening: "asyncio.Task[None]") -> None:
    """Nobody waits for the listening: what ends it is told."""
    if not listening.cancelled() and (error := listening.exception()):
        say(f"the nursery is not heard any more: {error!r}")
