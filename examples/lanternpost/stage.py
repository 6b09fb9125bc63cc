"""Sets the demonstration up: its own folder, server, workers, knowledge; and takes it down."""

import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from temporalio.client import Client
from temporalio.worker import Worker

from lanternpost.host import state
from lanternpost.host.remedies import REMEDIES
from lanternpost.host.worker import host_worker
from lanternpost.tickets import sample_state
from mendwheel.cli.upfile import UpFile, remove, write
from mendwheel.domain.knowledge import Document
from mendwheel.embedded import EmbeddedTemporal
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import Reach
from mendwheel.knowledge.sources import read_documents
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.workers import options

HERE = Path(__file__).parent
HOME = Path(".mendwheel/demo")


@dataclass(frozen=True)
class Stage:
    """What the play needs."""

    settings: Settings
    client: Client
    stores: Stores
    intake: Intake
    reach: Reach
    ui_url: str

    def environment(self) -> dict[str, str]:
        """The environment in which the public command line finds this stage."""
        return os.environ | {
            "MENDWHEEL_HOME": str(self.settings.home),
            "MENDWHEEL_TEMPORAL_ADDRESS": self.client.service_client.config.target_host,
            "MENDWHEEL_POLICY": str(self.settings.policy),
        }

    def address(self, ticket_id: str, run_id: str) -> str:
        """A run's page in the Temporal UI."""
        place = f"namespaces/{self.client.namespace}/workflows/{ticket_id}/{run_id}"
        return f"{self.ui_url}/{place}/history"


@contextlib.asynccontextmanager
async def stage(seed: int, console: Console) -> AsyncIterator[Stage]:
    """A fresh world; the one of an earlier demonstration is cleared away first."""
    home = free_home()
    settings = Settings.load(home=home, policy=HERE / "policy.toml")
    os.environ[state.STATE_VARIABLE] = str((home / "platform.json").absolute())
    state.write(sample_state(seed))
    console.print("starting Temporal …", style="dim")
    async with EmbeddedTemporal(home / "temporal") as server:
        if server.moved:
            console.print(server.moved, style="yellow")
        plugin = MendwheelPlugin(settings, remedies=REMEDIES, strict=True)
        client = await Client.connect(server.address, plugins=[plugin])
        stores = plugin.house.stores
        suite = Worker(client, task_queue=settings.task_queue, **options())
        with stores:
            async with suite, host_worker(client):
                learn(stores, settings, console)
                write(home, UpFile(address=server.address, ui_url=server.ui_url, pid=os.getpid()))
                try:
                    yield Stage(
                        settings=settings,
                        client=client,
                        stores=stores,
                        intake=Intake(client, stores, settings),
                        reach=Reach(client, settings),
                        ui_url=server.ui_url or "",
                    )
                finally:
                    remove(home, os.getpid())


def free_home(wanted: Path = HOME) -> Path:
    """The demonstration's folder, emptied; another one while a demonstration still runs in it."""
    for home in (wanted, *(wanted.with_name(f"{wanted.name}-{n}") for n in range(2, 100))):
        if not _in_use(home):
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            return home
    raise RuntimeError(f"too many demonstrations run in {wanted.parent}: stop one with Ctrl-C")


def _in_use(home: Path) -> bool:
    try:
        pid = int(json.loads((home / "up.json").read_text("utf-8"))["pid"])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError):
        return False
    return True


def learn(stores: Stores, settings: Settings, console: Console) -> None:
    """Take the sample knowledge in."""
    documents = [
        found for found in read_documents(HERE / "knowledge") if isinstance(found, Document)
    ]
    passages = stores.knowledge.add(settings.tenant, documents)
    console.print(
        f"learned {len(documents)} documents of Lanternpost ({passages} passages)", style="dim"
    )
