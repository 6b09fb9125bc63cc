"""Keeps server and worker running side by side, and stops them in the right order."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from temporalio.worker import Worker

from mendwheel.cli import upfile
from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.logs import to_stderr
from mendwheel.cli.terminal import note
from mendwheel.connect import connect
from mendwheel.embedded import EmbeddedTemporal, EmbeddedUnavailable
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.workers import options

_LOOK_EVERY = 1.0

Tell = Callable[[upfile.UpFile, str], None]


async def serve(settings: Settings, server: EmbeddedTemporal, *, worker: bool, tell: Tell) -> Exit:
    """Run until SIGINT or SIGTERM; the worker stops first, then the server.

    Raises:
        CommandError: the server cannot be started.
        StoreUnavailable, AttestationKeyError: the worker cannot be started.
    """
    to_stderr(settings)
    stop = _on_signals()
    if not await _started(server, stop):
        return Exit.OK
    running = upfile.UpFile(address=server.address, ui_url=server.ui_url, pid=os.getpid())
    try:
        for said in (server.moved, server.recovered):
            if said:
                note(said)
        async with _worker(settings, server.address, wanted=worker) as ended:
            await asyncio.to_thread(upfile.write, settings.home, running)
            tell(running, f"process {running.pid}, {'with' if worker else 'without'} a worker")
            return await _until(stop, ended, server)
    finally:
        await asyncio.to_thread(upfile.remove, settings.home, running.pid)
        await server.stop()


def _on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _started(server: EmbeddedTemporal, stop: asyncio.Event) -> bool:
    """False when somebody asked to stop before it was up."""
    starting = asyncio.ensure_future(server.start())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.wait([starting])
        return False
    try:
        await starting
    except EmbeddedUnavailable as error:
        raise CommandError(str(error), Exit.UNREACHABLE) from error
    return True


@asynccontextmanager
async def _worker(
    settings: Settings, address: str, *, wanted: bool
) -> AsyncIterator[asyncio.Future[None]]:
    """Yields what is done when the worker has ended by itself; shuts it down at the end."""
    if not wanted:
        yield asyncio.get_running_loop().create_future()
        return
    client = await connect(settings, address=address)
    plugin = MendwheelPlugin(settings, strict=True)
    worker = Worker(client, task_queue=settings.task_queue, plugins=[plugin], **options(settings))
    run = asyncio.ensure_future(worker.run())
    try:
        # One look, so that a worker that cannot start says so instead of "next: …".
        await asyncio.wait([run], timeout=0.3)
        if run.done():
            await run
        yield run
    finally:
        if not run.done():
            note("stopping: what runs is finished first")
            await worker.shutdown()
            await run


async def _until(
    stop: asyncio.Event, ended: asyncio.Future[None], server: EmbeddedTemporal
) -> Exit:
    """Wait for a signal; a worker or server that ends by itself ends the command, with 1."""
    while not stop.is_set():
        if ended.done():
            ended.result()
            note("the worker stopped by itself: see the lines above")
            return Exit.CHECK
        if server.pid is None:
            note(f"Temporal stopped by itself: see {_log_of(server)}")
            return Exit.CHECK
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_EVERY)
        except TimeoutError:
            continue
    return Exit.OK


def _log_of(server: EmbeddedTemporal) -> str:
    """Where the server's own log lies."""
    return str(server.database.with_name("temporal.log"))
