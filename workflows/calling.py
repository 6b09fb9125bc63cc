"""A remedy, or its undo, that is one HTTP call: tried until its end is known, or given up."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.letters import Again
from mendwheel.contracts.names import CALL_WORKFLOW
from mendwheel.contracts.writing import NOT_DONE, UNKNOWN, CallingStub, WriteRequest
from mendwheel.domain.letter import LetterKind
from mendwheel.domain.remedy import Receipt
from mendwheel.workflows import timeouts
from mendwheel.workflows.letters import give_up
from mendwheel.workflows.writing import key_of_child


@workflow.defn(name=CALL_WORKFLOW)
class CallWorkflow:
    """Child of a ticket. What it calls is said by its id, which is the effect's key."""

    @workflow.run
    async def run(self, arguments: dict[str, Any]) -> Receipt:
        request = WriteRequest(key=key_of_child(), arguments=arguments)
        try:
            return await workflow.execute_activity_method(
                CallingStub.call,
                request,
                start_to_close_timeout=timeouts.EFFECT,
                schedule_to_close_timeout=timeouts.CALLED,
                retry_policy=timeouts.KEEP_TRYING,
                summary=f"call {request.key.target}",
            )
        except ActivityError as error:
            kind = error.cause.type if isinstance(error.cause, ApplicationError) else ""
            why = _why(request, error)
            if kind != NOT_DONE:
                again = Again(write=request)
                await give_up(LetterKind.HTTP, why, again, unknown=kind == UNKNOWN)
            raise ApplicationError(why, non_retryable=True) from error


def _why(request: WriteRequest, error: ActivityError) -> str:
    if isinstance(error.cause, ApplicationError):
        return error.cause.message
    minutes = timeouts.CALLED.total_seconds() // 60
    return f"{request.key.target} was given up after {minutes:.0f} minutes without an answer"
