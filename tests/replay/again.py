"""Remedies over HTTP, and what was given up and is done after all: played beside what they call."""

from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from mendwheel.contracts.letters import Again, GiveUpRequest, RetriedRequest, RetryRequest, TakenUp
from mendwheel.contracts.names import CALL_WORKFLOW
from mendwheel.contracts.writing import UNKNOWN, WriteRequest
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.letter import LetterKind
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.workflows.calling import CallWorkflow
from mendwheel.workflows.letters import RetryWorkflow
from mendwheel.workflows.remedies import workflow_id
from tests.workflows.stage import Stage

LOST = "restart"
"""The remedy whose first answer is lost."""


@workflow.defn(name="tests.ticket", sandboxed=False)
class Parent:
    """Stands in for a ticket: only as its child is a call made."""

    @workflow.run
    async def run(self, key: EffectKey) -> bool:
        try:
            await workflow.execute_child_workflow(
                CALL_WORKFLOW,
                {"service": "web"},
                id=workflow_id(key),
                execution_timeout=timedelta(minutes=5),
            )
        except Exception:  # how it ended stands in the child's history
            return False
        return True


@activity.defn(name="mendwheel.call")
async def call(request: WriteRequest) -> Receipt:
    if request.key.target == LOST and activity.info().workflow_type == CALL_WORKFLOW:
        raise ApplicationError("its answer was lost", type=UNKNOWN, non_retryable=True)
    return Receipt(state=EffectState.DONE, reference="201")


@activity.defn(name="mendwheel.give_up")
async def give_up(request: GiveUpRequest) -> None:
    pass


@activity.defn(name="mendwheel.take_up")
async def take_up(request: RetryRequest) -> TakenUp:
    again = Again(write=WriteRequest(key=request.key, arguments={"service": "web"}))
    return TakenUp(kind=LetterKind.HTTP, again=again)


@activity.defn(name="mendwheel.retried")
async def retried(request: RetriedRequest) -> None:
    pass


async def call_lost(stage: Stage) -> WorkflowHistory:
    """A remedy over HTTP whose end is not known, and which nothing can look up."""
    key = _key(stage)
    await _played(stage, Parent.run, key, key.ticket_id)
    return await stage.client.get_workflow_handle(workflow_id(key)).fetch_history()


async def retry(stage: Stage) -> WorkflowHistory:
    """A person has looked, and it is done after all."""
    key = _key(stage)
    name = f"retry-{key.ticket_id}"
    await _played(stage, RetryWorkflow.run, RetryRequest(key=key, who="ada", looked=True), name)
    return await stage.client.get_workflow_handle(name).fetch_history()


def _key(stage: Stage) -> EffectKey:
    return EffectKey(ticket_id=stage.settings.task_queue, round=1, step="remedy", target=LOST)


async def _played(stage: Stage, run: Any, start: Any, name: str) -> None:
    queue = f"{stage.settings.task_queue}-again"
    async with Worker(
        stage.client,
        task_queue=queue,
        workflows=[Parent, CallWorkflow, RetryWorkflow],
        activities=[call, give_up, take_up, retried],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        handle = await stage.client.start_workflow(run, start, id=name, task_queue=queue)
        await handle.result()
