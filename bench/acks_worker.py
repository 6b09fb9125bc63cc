"""`python -m bench.acks_worker ADDRESS HOME APPROVER`: suite and host, until its input ends."""

import asyncio
import json
import os
import sys
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from bench.acks_host import Mend, healthy, mend, quick
from bench.processes import ready
from bench.world import POLICY, settings
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.workers import options


def acting(home: Path, address: str, approver: str) -> Settings:
    """The settings of `world`, with Slack from the environment and one approver there."""
    policy = home / "policy.toml"
    text = POLICY.read_text("utf-8")
    policy.write_text(text.replace('["demo-approver"]', json.dumps([approver])), "utf-8")
    return settings(home, address).model_copy(update={"policy": policy})


async def main(address: str, home: str, approver: str) -> None:
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    own = acting(Path(home), address, approver)
    plugin = MendwheelPlugin(own, remedies=quick(own.task_queue))
    worker = Worker(
        client,
        task_queue=own.task_queue,
        plugins=[plugin],
        workflows=[Mend],
        activities=[mend, healthy],
        **options(),
    )
    async with worker:
        ready()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
    os._exit(0)
