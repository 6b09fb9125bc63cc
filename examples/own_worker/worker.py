"""Your worker with Mendwheel added in one line, and one remedy of your own registered."""

import asyncio
import os

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.domain.remedy import Check, CheckResult, Invocation, Risk
from mendwheel.plugin import MendwheelPlugin
from mendwheel.tools.registry import RemedySpec

QUEUE = os.environ.get("MENDWHEEL_TASK_QUEUE", "mendwheel")


class ClearCache(BaseModel):
    service: str


@workflow.defn(name="shop.ClearCache")
class ClearCacheWorkflow:
    @workflow.run
    async def run(self, arguments: ClearCache) -> None:
        workflow.logger.info("clearing the cache of %s", arguments.service)


@activity.defn(name="shop.cache_is_fresh")
async def cache_is_fresh(arguments: ClearCache) -> CheckResult:
    return CheckResult(ok=True, detail=f"{arguments.service} serves fresh pages")


CLEAR_CACHE = RemedySpec(
    name="clear_cache",
    description="Empty the page cache of one service.",
    arguments=ClearCache,
    risk=Risk.LOW,
    workflow=Invocation(name="shop.ClearCache", task_queue=QUEUE),
    check=Check(activity=Invocation(name="shop.cache_is_fresh", task_queue=QUEUE)),
    sources={"service": "component"},
)


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233"))
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[ClearCacheWorkflow],
        activities=[cache_is_fresh],
        plugins=[MendwheelPlugin(remedies=[CLEAR_CACHE])],
    ):
        print("resolving tickets; Ctrl-C ends it")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
