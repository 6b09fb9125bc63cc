"""An update is kept by the server before anything is done for it."""

from temporalio import workflow

from mendwheel.workflows import timeouts


async def kept() -> None:
    """Return when the server has kept the update whose handler waits here.

    It keeps one with the end of the task that accepts it. What local activities did within that
    task would stand in the store though the server died before its end: the workflow would go on
    asking for a decision that the store has, and nobody could give it again.
    """
    if workflow.patched("updates-kept-first"):
        await workflow.sleep(timeouts.SHORTEST)
