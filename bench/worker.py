"""`python -m bench.worker KIND ADDRESS HOME`: one worker until its standard input ends."""

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from bench.bare import QUEUE, Bare, nothing
from bench.processes import ready
from bench.stamps import Stamps
from bench.tickets import remedies
from bench.world import settings
from mendwheel.plugin import MendwheelPlugin
from mendwheel.workers import options


def build(kind: str, client: Client, home: Path) -> Worker:
    """`ours` has no remedies; `asking` has, and notes each activity's start; `bare`: see there.

    `outside` is the bare run without the SDK's sandbox, as our own workflows run.
    """
    if kind in ("bare", "outside"):
        sandboxed = kind == "bare"
        runner = SandboxedWorkflowRunner() if sandboxed else UnsandboxedWorkflowRunner()
        return Worker(
            client,
            task_queue=f"{QUEUE}-{kind}",
            workflow_runner=runner,
            workflows=[Bare],
            activities=[nothing],
            activity_executor=ThreadPoolExecutor(50),
            **options(),
        )
    own = settings(home, client.service_client.config.target_host)
    asking = kind == "asking"
    plugin = MendwheelPlugin(
        own,
        strict=True,
        remedies=remedies() if asking else (),
        interceptors=[Stamps(home / "stamps.jsonl")] if asking else (),
    )
    return Worker(client, task_queue=own.task_queue, plugins=[plugin], **options())


async def main(kind: str, address: str, home: str) -> None:
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    async with build(kind, client, Path(home)):
        ready()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
    os._exit(0)
