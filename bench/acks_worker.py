"""`python -m bench.acks_worker ADDRESS HOME`: suite and sample host, until standard input ends."""

import asyncio
import json
import os
import sys
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from bench.tickets import remedies
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
    from lanternpost.host.worker import host_worker

    client = await Client.connect(address, data_converter=pydantic_data_converter)
    own = acting(Path(home), address, approver)
    plugin = MendwheelPlugin(own, remedies=remedies(), strict=True)
    suite = Worker(client, task_queue=own.task_queue, plugins=[plugin], **options())
    async with suite, host_worker(client):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    remedies()  # makes the sample world importable
    asyncio.run(main(*sys.argv[1:4]))
    os._exit(0)
