"""Work that is finished even when its run is cancelled: an outcome is always recorded."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def to_the_end(work: Coroutine[Any, Any, None]) -> bool:
    """Finish `work`; True when a cancellation came meanwhile: it is taken for done."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.cancelled():
            raise
        await task
        return True
    return False
