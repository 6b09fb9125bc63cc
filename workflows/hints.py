"""Takes news of a system of record in, each hint once, and looks for what no hint told us."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, RetryState, WorkflowAlreadyStartedError

from mendwheel.contracts.hints import HintsStub
from mendwheel.contracts.names import HINT_WORKFLOW, POLL_WORKFLOW
from mendwheel.domain.hint import Hint, PollRequest, Taken
from mendwheel.workflows.timeouts import KEEP_TRYING, READ_AGAIN

PAGES = 20
"""Pages of one poll; what is left is found by the next one."""

HELD_UP = timedelta(minutes=2)
"""How long one issue may keep the others of a poll waiting."""


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
        await _take(hint, within=HELD_UP)
    except ActivityError as error:
        workflow.logger.warning("%s was not taken in: %s", hint.key, error.cause)
        if error.retry_state is not RetryState.NON_RETRYABLE_FAILURE:
            await _go_on_elsewhere(hint)
        return 0
    return 1


async def _go_on_elsewhere(hint: Hint) -> None:
    """It may come right when somebody has mended something: a run of its own waits for that."""
    try:
        await workflow.start_child_workflow(
            HintWorkflow.run,
            hint,
            id=f"mendwheel-hint-{workflow.info().task_queue}-{hint.delivery_id}",
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("%s is waited for already", hint.key)


async def _take(hint: Hint, within: timedelta | None = None) -> Taken:
    return await workflow.execute_activity_method(
        HintsStub.take_hint,
        hint,
        start_to_close_timeout=READ_AGAIN,
        schedule_to_close_timeout=within,
        retry_policy=KEEP_TRYING,
        summary=f"read {hint.key} again",
    )
