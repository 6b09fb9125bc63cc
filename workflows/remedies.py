"""Carry a remedy out once, check it, undo it on a red check. The host's workflow does the work."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
)
from temporalio.workflow import ParentClosePolicy

from mendwheel.contracts.acting import ActingStub, ElsewhereRequest, FollowRequest
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import Check, CheckResult, EffectState, Invocation, Receipt
from mendwheel.workflows import timeouts


def workflow_id(key: EffectKey) -> str:
    """Explicit, so that a second start of the same effect is refused by the server."""
    return f"{key.ticket_id}-r{key.round}-{key.step}-{key.target}"


async def run_workflow(
    invocation: Invocation, arguments: dict[str, Any], key: EffectKey
) -> Receipt:
    """Start the host's workflow once and wait for its end.

    Raises:
        ApplicationError: it failed, was terminated or ran out of time.
    """
    child_id = workflow_id(key)
    if invocation.namespace:
        return await _elsewhere(invocation, arguments, key)
    limit = timedelta(seconds=invocation.timeout_seconds)
    try:
        await workflow.execute_child_workflow(
            invocation.name,
            arguments,
            id=child_id,
            # Also when the first one has ended: its ticket was terminated before the receipt.
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_queue=invocation.task_queue,
            # The remedy outlives a terminated ticket: half a remedy is worse than a whole one.
            parent_close_policy=ParentClosePolicy.ABANDON,
            execution_timeout=limit + timeouts.REMEDY_GRACE,
            static_summary=f"{key.step} for {key.ticket_id}",
            result_type=RawValue,
        )
    except WorkflowAlreadyStartedError:
        return await _follow(child_id)
    except ChildWorkflowError as error:
        raise ApplicationError(
            f"{invocation.name} failed: {error.cause}", type="RemedyFailed", non_retryable=True
        ) from error
    return Receipt(state=EffectState.DONE, reference=child_id)


async def _elsewhere(invocation: Invocation, arguments: dict[str, Any], key: EffectKey) -> Receipt:
    """A child stays in its parent's namespace, so an activity starts it; it outlives the ticket."""
    limit = timedelta(seconds=invocation.timeout_seconds) + timeouts.REMEDY_GRACE
    request = ElsewhereRequest(
        key=key,
        workflow_id=workflow_id(key),
        invocation=invocation,
        tool=key.target,
        arguments=arguments,
        within_seconds=limit.total_seconds(),
    )
    try:
        return await workflow.execute_activity_method(
            ActingStub.elsewhere,
            request,
            start_to_close_timeout=limit + timeouts.REMEDY_GRACE,
            heartbeat_timeout=timeouts.FOLLOW_HEARTBEAT,
            retry_policy=timeouts.KEEP_TRYING,
            summary=f"{invocation.name} in {invocation.namespace}",
        )
    except ActivityError as error:
        why = error.cause.message if isinstance(error.cause, ApplicationError) else "no answer"
        raise ApplicationError(
            f"{invocation.name} in {invocation.namespace}: {why}",
            type="RemedyFailed",
            non_retryable=True,
        ) from error


async def _follow(child_id: str) -> Receipt:
    return await workflow.execute_activity_method(
        ActingStub.follow,
        FollowRequest(workflow_id=child_id),
        start_to_close_timeout=timeouts.FOLLOW,
        heartbeat_timeout=timeouts.FOLLOW_HEARTBEAT,
        retry_policy=timeouts.A_FEW_TRIES,
        summary=f"wait for {child_id}",
    )


async def verify(check: Check, arguments: dict[str, Any]) -> CheckResult:
    """Ask the host's check until it is green or its attempts are used up. Unanswered is red."""
    result = CheckResult(ok=False, detail="the check was not run")
    for attempt in range(check.attempts):
        if attempt:
            await workflow.sleep(check.interval_seconds, summary="before the next check")
        try:
            said = await workflow.execute_activity(
                check.activity.name,
                arguments,
                result_type=RawValue,
                task_queue=check.activity.task_queue,
                start_to_close_timeout=timedelta(seconds=check.activity.timeout_seconds),
                schedule_to_close_timeout=timedelta(seconds=check.activity.timeout_seconds)
                + timeouts.REMEDY_GRACE,
                retry_policy=timeouts.CHECK_ATTEMPTS,
                summary=f"check {attempt + 1} of {check.attempts}",
            )
            result = _checked(said)
        except ActivityError as error:
            result = CheckResult(ok=False, detail=f"the check failed: {error.cause}")
        if result.ok:
            break
    return result


def _checked(said: RawValue) -> CheckResult:
    """Read here, since a result that does not fit would fail the workflow task for ever."""
    try:
        result = workflow.payload_converter().from_payload(said.payload, CheckResult)
    except (RuntimeError, ValueError, LookupError) as error:
        workflow.logger.warning("a check's answer cannot be read: %s", error)
        result = None
    if isinstance(result, CheckResult):  # nothing and bytes come through any type
        return result
    return CheckResult(ok=False, detail="the check did not answer with a CheckResult")
