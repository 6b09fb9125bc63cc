"""One way in, or one piece of work beside it, that is away must not end the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_AGAIN = (5.0, 60.0)  # seconds until the second attempt, and at most

_log = logging.getLogger(__name__)


def kept(name: str, work: Callable[[], Awaitable[object]]) -> "asyncio.Task[None]":
    """`keep_trying` in the background."""
    return asyncio.create_task(keep_trying(name, work), name=name)


async def keep_trying(name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Until `work` returns; each failure is one line in the log."""
    wait, most = _AGAIN
    while True:
        try:
            await work()
        except Exception as error:
            said = " ".join(str(error).split())[:300] or type(error).__name__
            _log.warning("%s: %s: trying again in %g s", name, said, wait)
        else:
            return
        await asyncio.sleep(wait)
        wait = min(2 * wait, most)
