"""The suite on its own worker: settings, connect, run until interrupted."""

import asyncio
import signal
import sys

from temporalio.worker import Worker

from mendwheel.cli.exits import run_program
from mendwheel.cli.logs import to_stderr
from mendwheel.connect import connect
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.workers import options


async def main() -> None:
    settings = Settings.load()
    to_stderr(settings)
    client = await connect(settings)
    plugins = [MendwheelPlugin(settings, strict=True)]
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with Worker(client, task_queue=settings.task_queue, plugins=plugins, **options(settings)):
        await stop.wait()


if __name__ == "__main__":
    sys.exit(run_program("worker", main()))
