"""What Temporal holds of a ticket, and how it is deleted there: every run, our calls and retries.

A remedy's own workflow belongs to the host: it is named, never deleted.
"""

import re

from pydantic import BaseModel
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.contracts.names import CALL_WORKFLOW, RETRY_WORKFLOW, WRITE_WORKFLOW

_BESIDE = re.compile(r"-r\d+-\w+-.+|-retry-[0-9a-f]+")
_OURS = (WRITE_WORKFLOW, CALL_WORKFLOW, RETRY_WORKFLOW)


class Run(BaseModel):
    """One run in Temporal."""

    workflow_id: str
    run_id: str
    running: bool
    ours: bool


class Histories:
    """Asks and tells one namespace. Methods raise RPCError."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def of(self, ticket: str) -> list[Run]:
        """Every run of the ticket and of what it started, remedies of the host included."""
        found = {run.run_id: run for run in await self._listed(ticket)}
        # Lists lag behind: the latest run may not stand in one yet.
        latest = await self._latest(ticket)
        if latest is not None:
            found[latest.run_id] = latest
        return list(found.values())

    async def end(self, runs: list[Run]) -> None:
        """Terminate what runs of ours."""
        for run in runs:
            if run.ours and run.running:
                handle = self._client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
                try:
                    await handle.terminate(reason="the ticket is forgotten")
                except RPCError as error:
                    if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended by itself
                        raise

    async def delete(self, ticket: str) -> int:
        """Have every run of ours deleted; how many were seen. Asked again it does no harm.

        Temporal takes the wish in durably and carries it out in the background; with its usual
        settings a run that has just ended is there for another half a minute.
        """
        ours = [run for run in await self.of(ticket) if run.ours]
        for run in ours:
            await self._delete(run)
        return len(ours)

    async def _delete(self, run: Run) -> None:
        request = DeleteWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=Execution(workflow_id=run.workflow_id, run_id=run.run_id),
        )
        try:
            await self._client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # gone already
                raise

    async def _listed(self, ticket: str) -> list[Run]:
        name = ticket.replace("'", "''")
        query = f"WorkflowId = '{name}' OR WorkflowId STARTS_WITH '{name}-r'"
        return [
            _run(each, ticket)
            async for each in self._client.list_workflows(query)
            if each.id == ticket or _BESIDE.fullmatch(each.id.removeprefix(ticket))
        ]

    async def _latest(self, ticket: str) -> Run | None:
        try:
            return _run(await self._client.get_workflow_handle(ticket).describe(), ticket)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise


def _run(seen: WorkflowExecution, ticket: str) -> Run:
    return Run(
        workflow_id=seen.id,
        run_id=seen.run_id,
        running=seen.status is WorkflowExecutionStatus.RUNNING,
        ours=seen.id == ticket or seen.workflow_type in _OURS,
    )
