"""A poll hands on what it has found, and one issue holds up no other."""

import asyncio
import os
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from mendwheel.domain.hint import Hint, Polled, PollRequest, Taken
from mendwheel.workflows.hints import HintWorkflow, PollWorkflow
from tests.workflows.stage import speaking_pydantic

KEPT: list[str] = []


@activity.defn(name="mendwheel.poll")
async def look(request: PollRequest) -> Polled:
    return Polled(
        hints=[Hint(system="jira", key=key, delivery_id=f"poll-{key}") for key in ("P-1", "P-2")],
        cursor="after",
    )


@activity.defn(name="mendwheel.take_hint")
async def take(hint: Hint) -> Taken:
    if hint.key == "P-1":
        raise ApplicationError("no JSON of Jira's", next_retry_delay=timedelta(hours=1))
    return Taken(became="ticket")


@activity.defn(name="mendwheel.poll_done")
async def done(request: PollRequest) -> None:
    KEPT.append(request.cursor)


async def test_an_issue_that_cannot_be_read_goes_on_by_itself_and_the_poll_ends(
    client: Client,
) -> None:
    client, queue = speaking_pydantic(client), f"hints-{os.urandom(4).hex()}"
    async with Worker(
        client,
        task_queue=queue,
        workflows=[PollWorkflow, HintWorkflow],
        activities=[look, take, done],
    ):
        for _ in range(2):  # a second look finds it again, and starts no second run
            async with asyncio.timeout(20):
                taken = await client.execute_workflow(
                    PollWorkflow.run,
                    PollRequest(),
                    id=f"poll-{os.urandom(4).hex()}",
                    task_queue=queue,
                )
            assert taken == 1
        assert KEPT[-1] == "after"
        waiting = client.get_workflow_handle(f"mendwheel-hint-{queue}-poll-P-1")
        assert (await waiting.describe()).status is WorkflowExecutionStatus.RUNNING
        await waiting.terminate()
