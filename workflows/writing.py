"""A remedy that is one call of a tool of an MCP server: made once, whatever happens."""

import re
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.letters import Again
from mendwheel.contracts.names import WRITE_WORKFLOW
from mendwheel.contracts.writing import NOT_DONE, UNKNOWN, WriteRequest, WritingStub
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.letter import LetterKind
from mendwheel.domain.remedy import Receipt
from mendwheel.workflows import timeouts
from mendwheel.workflows.letters import give_up

_REST = re.compile(r"-r(\d+)-(remedy|undo)-(.+)")


@workflow.defn(name=WRITE_WORKFLOW)
class WriteWorkflow:
    """Child of a ticket. Which tool it calls is said by its id, which is the effect's key."""

    @workflow.run
    async def run(self, arguments: dict[str, Any]) -> Receipt:
        key = key_of_child()
        request = WriteRequest(key=key, arguments=arguments)
        try:
            return await workflow.execute_activity_method(
                WritingStub.write,
                request,
                start_to_close_timeout=timeouts.WRITE,
                retry_policy=timeouts.ONCE,
                summary=f"call {key.target}",
            )
        except ActivityError as error:
            why = _why(key, error)
            if not _certain(error):
                await give_up(LetterKind.TOOL, why, Again(write=request), unknown=True)
            raise ApplicationError(why, non_retryable=True) from error


def key_of_child() -> EffectKey:
    """Of the effect that a child of a ticket is. Raises ApplicationError: it is none."""
    info = workflow.info()
    ticket = info.parent.workflow_id if info.parent else ""
    found = _REST.fullmatch(info.workflow_id.removeprefix(ticket)) if ticket else None
    if found is None:
        raise ApplicationError("only a ticket starts this workflow", non_retryable=True)
    return EffectKey(ticket_id=ticket, round=int(found[1]), step=found[2], target=found[3])


def _certain(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == NOT_DONE


def _why(key: EffectKey, error: ActivityError) -> str:
    if isinstance(error.cause, ApplicationError) and error.cause.type in (NOT_DONE, UNKNOWN):
        return error.cause.message
    return f"{key.target} may have been called, and its answer was lost: look before you repeat it"
