"""Short work on the ticket's own worker: one marker in history instead of an activity's events."""

from collections.abc import Callable
from typing import Any, TypeVar

from temporalio import workflow

from mendwheel.workflows import timeouts

Request = TypeVar("Request")
Result = TypeVar("Result")


async def local(
    method: Callable[[Any, Request], Result],
    request: Request,
    summary: str,
) -> Result:
    """Call `method`; it is tried again for as long as the store is away."""
    return await workflow.execute_local_activity_method(
        method,
        request,
        start_to_close_timeout=timeouts.LOCAL,
        retry_policy=timeouts.KEEP_TRYING,
        summary=summary,
    )
