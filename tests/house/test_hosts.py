"""Hosts as they are: programs of their own, in folders of their own, run from there."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from temporalio.client import Client

DRIVE = """
async def drive(client, worker, plugin, host_workflow):
    from mendwheel.integrations.drafts import Draft
    from mendwheel.integrations.intake import Intake
    from mendwheel.workflows.ticket import TicketWorkflow

    async with worker:
        queue = worker.task_queue
        greeting = await client.execute_workflow(
            host_workflow.run, "ada", id=f"host-{queue}", task_queue=queue
        )
        intake = Intake(client, plugin.house.stores, plugin.house.settings)
        ticket = await intake.submit(Draft(title="How?", reporter="ada", key=queue), dry_run=True)
        handle = client.get_workflow_handle_for(TicketWorkflow.run, ticket.ticket_id)
        outcome = await handle.result()
    return {"greeting": greeting, "outcome": outcome.reason}
"""

GREET = """
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.greet import greet

@workflow.defn
class Greet:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(
            greet, name, start_to_close_timeout=timedelta(seconds=10)
        )
"""

ACTIVITY = """
from temporalio import activity

@activity.defn
async def greet(name: str) -> str:
    return f"good day, {name}"
"""

MAIN = """
import asyncio, json, os, sys

import workflows
from activities.greet import greet
from drive import drive
from workflows.greet import Greet

from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings

async def main() -> None:
    plugin = MendwheelPlugin(Settings(home="home", task_queue=sys.argv[2]))
    client = await Client.connect(sys.argv[1], plugins=[plugin])
    worker = Worker(client, task_queue=sys.argv[2], workflows=[Greet], activities=[greet])
    report = await drive(client, worker, plugin, Greet)
    report["workflows"] = workflows.__file__
    report["mendwheel"] = sys.modules["mendwheel.workflows"].__file__
    print(json.dumps(report), flush=True)
    os._exit(0)

asyncio.run(main())
"""

ONE_FILE = """
import asyncio, json, os, sys

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.tools.registry import RemedySpec

@workflow.defn
class Greet:
    @workflow.run
    async def run(self, name: str) -> str:
        return f"good day, {name}"

async def main() -> None:
    from drive import drive

    plugin = MendwheelPlugin(Settings(home="home", task_queue=sys.argv[2]))
    client = await Client.connect(sys.argv[1], plugins=[plugin])
    worker = Worker(client, task_queue=sys.argv[2], workflows=[Greet])
    print(json.dumps(await drive(client, worker, plugin, Greet)), flush=True)
    os._exit(0)

if __name__ == "__main__":
    asyncio.run(main())
"""

CONSTRUCT = """
import json, os, sys, threading
from pathlib import Path

import mendwheel.plugin
from mendwheel.settings import Settings

EVENTS = ("open", "os.mkdir", "sqlite3.connect", "socket.__new__", "subprocess.Popen")
events = []

def note(event, arguments):
    if event in EVENTS and not str(arguments[:1]).strip("(),'").endswith((".py", ".pyc", ".so")):
        events.append([event, str(arguments[:1])])

threads = threading.active_count()
sys.addaudithook(note)
plugin = mendwheel.plugin.MendwheelPlugin(Settings(home="home"))
seen = list(events)
plugin.house.stores.store.open()
print(json.dumps({"events": seen, "threads": threading.active_count() - threads,
                  "opened": sorted({event for event, _ in events})}), flush=True)
os._exit(0)
"""


def run(folder: Path, *arguments: str, **files: str) -> dict[str, Any]:
    """Write the files, run main.py in their folder as a program, return what it printed."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/').replace('package', '__init__')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "main.py", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


async def test_hosts_own_workflows_and_activities_folders_stay_its_own(
    client: Client, tmp_path: Path
) -> None:
    report = run(
        tmp_path,
        client.service_client.config.target_host,
        f"host-{tmp_path.name}-{os.urandom(3).hex()}",
        main=MAIN,
        drive=DRIVE,
        workflows__greet=GREET,
        activities__greet=ACTIVITY,
        workflows__package="",
        activities__package="",
    )
    assert Path(report["workflows"]).parent == tmp_path / "workflows"
    assert Path(report["mendwheel"]).parts[-3:] == ("mendwheel", "workflows", "__init__.py")
    assert report["greeting"] == "good day, ada"
    assert report["outcome"]


async def test_host_in_one_file_runs_tickets_beside_its_own_workflow(
    client: Client, tmp_path: Path
) -> None:
    report = run(
        tmp_path,
        client.service_client.config.target_host,
        f"one-{os.urandom(3).hex()}",
        main=ONE_FILE,
        drive=DRIVE,
    )
    assert report["greeting"] == "good day, ada"
    assert report["outcome"]


def test_constructing_the_plugin_opens_nothing(tmp_path: Path) -> None:
    report = run(tmp_path, main=CONSTRUCT)
    assert report["events"] == []
    assert report["threads"] == 0
    assert "sqlite3.connect" in report["opened"], "or the hook saw nothing"
