"""A server, a store with the sample knowledge, and worker processes to measure; all temporary."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from mendwheel.domain.playbook import Limits
from mendwheel.embedded import EmbeddedTemporal
from mendwheel.knowledge.sources import Problem, read_documents
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

ROOT = Path(__file__).parents[1]
KNOWLEDGE = ROOT / "examples" / "lanternpost" / "knowledge"
POLICY = ROOT / "examples" / "lanternpost" / "policy.toml"


def say(text: str) -> None:
    """Progress."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def seeds(default: int) -> int:
    """How often to repeat. Raises SystemExit when SEEDS is no number."""
    given = os.environ.get("SEEDS", "").strip()
    if given and not (given.isdigit() and int(given)):
        raise SystemExit(f"SEEDS={given!r} is not a number of repetitions: give 3, for example")
    return int(given) if given else default


def settings(home: Path, address: str) -> Settings:
    """The same in client and worker process, whatever the environment says about models."""
    wanted = Settings(home=home, temporal_address=address, policy=POLICY).model_copy(
        update={"model": None, "model_base_url": None}
    )
    # Not a value that a user may set: tickets end at once instead of being watched.
    limits = Limits().model_copy(update={"watch_window": 0.0})
    return wanted.model_copy(update={"limits": limits})


@dataclass(frozen=True)
class World:
    """What a bench works in."""

    home: Path
    server: EmbeddedTemporal
    client: Client
    settings: Settings
    stores: Stores


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(prefix="mendwheel-bench-") as folder:
        home = Path(folder)
        async with EmbeddedTemporal(home, ui=False, port=0) as server:
            client = await Client.connect(server.address, data_converter=pydantic_data_converter)
            own = settings(home, server.address)
            with _filled(own) as stores:
                yield World(home, server, client, own, stores)


@contextmanager
def _filled(own: Settings) -> Iterator[Stores]:
    with Stores(own.store_path) as stores:
        read = (each for each in read_documents(KNOWLEDGE) if not isinstance(each, Problem))
        stores.knowledge.add(own.tenant, read)
        yield stores


class WorkerProcess:
    """`bench.worker` of one kind in a process of its own, so that its CPU can be told apart."""

    def __init__(self, kind: str, here: World) -> None:
        self.kind = kind
        command = [sys.executable, "-m", "bench.worker", kind, here.server.address, str(here.home)]
        # The sandbox imports workflow files again for every run: without cached bytecode, as
        # where PYTHONDONTWRITEBYTECODE is set, it would compile them each time.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": str(here.home / "bytecode")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def ready(self) -> None:
        """Raises RuntimeError when it ended instead."""
        output: IO[str] | None = self._process.stdout
        assert output is not None
        if (await asyncio.to_thread(output.readline)).strip() != "ready":
            raise RuntimeError(f"the {self.kind} worker ended before it was ready")

    def cpu(self) -> float:
        """Seconds of CPU it has used."""
        return cpu_seconds(self._process.pid)

    def stop(self) -> None:
        """It ends when its input does."""
        self._process.communicate()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, from Linux's `/proc`."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
