"""Ctrl-C in long work that a rerun goes on from: one line, no tracebacks, exit code 130."""

import asyncio
import logging
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import typer

from mendwheel.cli.exits import Exit
from mendwheel.cli.terminal import note

Result = TypeVar("Result")
# The worker's logger may have a level of its own, which goes before that of its parent.
_NOISY = ("temporalio", "temporalio.worker", "asyncio")


@contextmanager
def resumable() -> Iterator[None]:
    """Around a command that keeps what is finished. Raises typer.Exit(130) on Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        note("stopped: the same command again goes on from there")
        raise typer.Exit(Exit.INTERRUPTED) from None


def run_until_stopped(work: Coroutine[Any, Any, Result]) -> Result:
    """Like asyncio.run, for work with a worker in it.

    What is under way fails when it is stopped, and the SDK logs each failure with its traceback:
    from Ctrl-C on that is no news. A second Ctrl-C does not wait for the end.

    Raises:
        KeyboardInterrupt: after Ctrl-C, when the work has ended.
    """
    stopped = False

    async def watched() -> Result | None:
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

        def stop() -> None:
            nonlocal stopped
            stopped = True
            for name in _NOISY:
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
            loop.remove_signal_handler(signal.SIGINT)
            task.cancel()

        with suppress(NotImplementedError):  # Windows: Ctrl-C ends it as asyncio.run does
            loop.add_signal_handler(signal.SIGINT, stop)
        try:
            return await task
        except (asyncio.CancelledError, Exception):
            # The server stops by the same Ctrl-C: what fails for that has been stopped as well.
            if not stopped:
                raise
            return None

    levels = {name: logging.getLogger(name).level for name in _NOISY}
    try:
        result = asyncio.run(watched())
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    if stopped:
        raise KeyboardInterrupt
    assert result is not None, "only what was stopped has no result"
    return result
