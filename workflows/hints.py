"""Takes news of a system of record in, each hint once, and looks for what no hint told us."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from mendwheel.contracts.hints import HintsStub
from mendwheel.contracts.names import HINT_WORKFLOW, POLL_WORKFLOW
from mendwheel.domain.hint import Hint, PollRequest, Taken
from mendwheel.workflows.timeouts import KEEP_TRYING, READ_AGAIN

PAGES = 20
"""Pages of one poll; what is left is found by the next one."""


@workflow.defn(name=HINT_WORKFLOW)
class HintWorkflow:
    """Durable from the moment the sender got its answer; retried until it is taken in."""

    @workflow.run
    async def run(self, hint: Hint) -> Taken:
        return await _take(hint)


@workflow.defn(name=POLL_WORKFLOW)
class PollWorkflow:
    """One look at what changed; started by a Temporal Schedule. Returns how many were taken in."""

    @workflow.run
    async def run(self, request: PollRequest) -> int:
        taken = 0
        for _ in range(PAGES):
            found = await workflow.execute_activity_method(
                HintsStub.poll,
                request,
                start_to_close_timeout=READ_AGAIN,
                retry_policy=KEEP_TRYING,
                summary="what changed since the last look",
            )
            for hint in found.hints:
                taken += await _taken(hint)
            request = request.model_copy(update={"cursor": found.cursor})
            await workflow.execute_activity_method(
                HintsStub.poll_done,
                request,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=KEEP_TRYING,
                summary="keep the place",
            )
            if not found.more:
                break
        return taken


async def _taken(hint: Hint) -> int:
    """One issue that cannot be read must not keep the others from being looked at."""
    try:
        await _take(hint)
    except ActivityError as error:
        workflow.logger.warning("%s was not taken in: %s", hint.key, error.cause)
        return 0
    return 1


async def _take(hint: Hint) -> Taken:
    return await workflow.execute_activity_method(
        HintsStub.take_hint,
        hint,
        start_to_close_timeout=READ_AGAIN,
        retry_policy=KEEP_TRYING,
        summary=f"read {hint.key} again",
    )
