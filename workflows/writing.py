"""A remedy that is one call of a tool of an MCP server: made once, whatever happens."""

import re
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.names import WRITE_WORKFLOW
from mendwheel.contracts.writing import NOT_DONE, WriteRequest, WritingStub
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import Receipt
from mendwheel.workflows import timeouts

_REST = re.compile(r"-r(\d+)-(remedy)-(.+)")


@workflow.defn(name=WRITE_WORKFLOW)
class WriteWorkflow:
    """Child of a ticket. Which tool it calls is said by its id, which is the effect's key."""

    @workflow.run
    async def run(self, arguments: dict[str, Any]) -> Receipt:
        key = _key()
        try:
            return await workflow.execute_activity_method(
                WritingStub.write,
                WriteRequest(key=key, arguments=arguments),
                start_to_close_timeout=timeouts.WRITE,
                retry_policy=timeouts.ONCE,
                summary=f"call {key.target}",
            )
        except ActivityError as error:
            raise ApplicationError(_why(key, error), non_retryable=True) from error


def _key() -> EffectKey:
    info = workflow.info()
    ticket = info.parent.workflow_id if info.parent else ""
    found = _REST.fullmatch(info.workflow_id.removeprefix(ticket)) if ticket else None
    if found is None:
        raise ApplicationError("only a ticket starts this workflow", non_retryable=True)
    return EffectKey(ticket_id=ticket, round=int(found[1]), step=found[2], target=found[3])


def _why(key: EffectKey, error: ActivityError) -> str:
    if isinstance(error.cause, ApplicationError) and error.cause.type == NOT_DONE:
        return error.cause.message
    return f"{key.target} may have been called, and its answer was lost: look before you repeat it"
