"""Remedies' workflows as activities see them: started in their namespace, followed to the end."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.contracts.acting import ElsewhereRequest
from mendwheel.domain.remedy import EffectState, Receipt

HEARTBEAT = 5.0

_FOR_GOOD = {
    RPCStatusCode.NOT_FOUND: "create it, or correct the remedy's registration",
    RPCStatusCode.PERMISSION_DENIED: "allow this worker to start workflows there",
    RPCStatusCode.INVALID_ARGUMENT: "correct the remedy's registration",
}


async def started(ours: Client, request: ElsewhereRequest) -> WorkflowHandle[Any, Any]:
    """Once: a second start of the same id is refused by the server, and the first one followed.

    Raises:
        ApplicationError: the namespace is not there, or not ours to use.
    """
    invocation = request.invocation
    # The same connection: another namespace, not another server.
    there = Client(
        ours.service_client, namespace=invocation.namespace, data_converter=ours.data_converter
    )
    try:
        return await there.start_workflow(
            invocation.name,
            request.arguments,
            id=request.workflow_id,
            # Also when the first one has ended: its worker died before the receipt.
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_queue=invocation.task_queue,
            execution_timeout=timedelta(seconds=request.within_seconds),
            static_summary=f"{request.key.step} for {request.key.ticket_id}",
        )
    except WorkflowAlreadyStartedError:
        return there.get_workflow_handle(request.workflow_id)
    except RPCError as error:
        if error.status not in _FOR_GOOD:
            raise
        raise ApplicationError(
            f"{invocation.name} cannot be started in the namespace {invocation.namespace!r} "
            f"({error.message}): {_FOR_GOOD[error.status]}",
            type="RemedyFailed",
            non_retryable=True,
        ) from error


async def ended(handle: WorkflowHandle[Any, Any]) -> Receipt:
    """Wait for it, with heartbeats. Raises ApplicationError: it failed."""
    result = asyncio.ensure_future(handle.result())
    try:
        while not result.done():
            activity.heartbeat()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(result), HEARTBEAT)
    except WorkflowFailureError as error:
        raise ApplicationError(
            f"{handle.id} failed: {error.cause}", type="RemedyFailed", non_retryable=True
        ) from error
    finally:
        result.cancel()
    return Receipt(state=EffectState.DONE, reference=handle.id)
