"""Workflows that are no tickets, run for real: a question, hints, polls, sweeps, writes."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from temporalio import activity
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from mendwheel.domain.approval import Approval
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.hint import Hint, Polled, PollRequest, Taken
from mendwheel.domain.looking import McpCheck, McpRead, McpServer, McpWrite
from mendwheel.domain.remedy import Risk
from mendwheel.domain.retention import SweepRequest, Swept
from mendwheel.domain.ticket import Ticket
from mendwheel.integrations.senses.mcp_sense import McpSense
from mendwheel.workflows.approval import ApprovalInput, ApprovalWorkflow
from mendwheel.workflows.hints import HintWorkflow, PollWorkflow
from mendwheel.workflows.retention import RetentionWorkflow
from tests.replay.lives import asked, first_run
from tests.workflows.stage import Stage, eventually
from tests.workflows.tickets import incident

STAND = str(Path(__file__).parents[1] / "integrations" / "mcp_stand.py")


async def approval(stage: Stage) -> WorkflowHistory:
    """A host's own question, approved."""
    start = _hosts_question(f"host-{os.urandom(4).hex()}")
    question = start.approval
    run: WorkflowHandle[Any, Any] = await stage.client.start_workflow(
        ApprovalWorkflow.run, start, id=question.ticket_id, task_queue=stage.settings.task_queue
    )

    async def kept() -> bool:
        return stage.stores.questions.open(question.ticket_id) is not None

    await eventually(kept)
    await stage.decisions.decide(question.ticket_id, True, subject="ada")
    await run.result()
    return await run.fetch_history()


def _hosts_question(key: str) -> ApprovalInput:
    now = datetime.now(UTC)
    ticket = Ticket(
        id=key, system="host", key=key, title="Drop it?", reporter="mary", opened_at=now,
        report=ArtifactRef(tenant="default", sha256="", size=0), delivery_id=key,
    )  # fmt: skip
    asked = Approval(
        request_id=f"{key}-drop", ticket_id=key, round=1, tool="drop_table",
        arguments_sha256="0" * 64, policy_version="host", risk=Risk.MEDIUM, question="Drop it?",
        code="ABCDEF", approvers=["ada"], requester="mary",
        asked_at=now, expires_at=now + timedelta(hours=8),
    )  # fmt: skip
    return ApprovalInput(ticket=ticket, approval=asked)


@activity.defn(name="mendwheel.poll")
async def look(request: PollRequest) -> Polled:
    hints = [Hint(system="jira", key=key, delivery_id=f"poll-{key}") for key in ("P-1", "P-2")]
    return Polled(hints=hints, cursor="after", more=not request.cursor)


@activity.defn(name="mendwheel.take_hint")
async def take(hint: Hint) -> Taken:
    if hint.key == "P-1":
        raise ApplicationError("no JSON of Jira's", next_retry_delay=timedelta(hours=1))
    return Taken(became="ticket")


@activity.defn(name="mendwheel.poll_done")
async def done(request: PollRequest) -> None:
    pass


async def hint(stage: Stage) -> WorkflowHistory:
    """News of one issue, taken in."""
    news = Hint(system="jira", key="P-2", delivery_id="poll-P-2")
    return await _beside_jira(stage, HintWorkflow.run, news)


async def poll(stage: Stage) -> WorkflowHistory:
    """Two pages; one issue cannot be read and goes on by itself."""
    return await _beside_jira(stage, PollWorkflow.run, PollRequest())


@activity.defn(name="mendwheel.sweep")
async def sweep(request: SweepRequest) -> Swept:
    return Swept(forgotten=1, after="t-1", more=not request.after)


async def retention(stage: Stage) -> WorkflowHistory:
    """Two looks for tickets whose time is over."""
    queue = f"replay-{stage.settings.task_queue}"
    async with Worker(
        stage.client, task_queue=queue, workflows=[RetentionWorkflow], activities=[sweep]
    ):
        handle = await stage.client.start_workflow(
            RetentionWorkflow.run, SweepRequest(), id=queue, task_queue=queue
        )
        assert await handle.result() == 2
        return await handle.fetch_history()


async def _beside_jira(stage: Stage, run: Any, start: Any) -> WorkflowHistory:
    """On a queue of its own, where what reads Jira is played.

    Hints that go on by themselves are named after it, and a replayer's is always `replay-…`.
    """
    queue = f"replay-{stage.settings.task_queue}"
    async with Worker(
        stage.client,
        task_queue=queue,
        workflows=[PollWorkflow, HintWorkflow],
        activities=[look, take, done],
    ):
        handle = await stage.client.start_workflow(run, start, id=queue, task_queue=queue)
        await handle.result()
        lived: WorkflowHistory = await handle.fetch_history()
        for waiting in _children(lived):
            await stage.client.get_workflow_handle(waiting).terminate()
    return lived


def _children(lived: WorkflowHistory) -> set[str]:
    return {
        event.start_child_workflow_execution_initiated_event_attributes.workflow_id
        for event in lived.events
        if event.HasField("start_child_workflow_execution_initiated_event_attributes")
    }


def with_a_tool(folder: Path) -> dict[str, Any]:
    """Settings with a tool of a real MCP server that runbooks may name."""
    bare = McpServer(name="s", command=sys.executable, args=[STAND])
    pins = {each.tool: each.pin for each in McpSense(bare, {}).tools()}
    check = McpCheck(tool="scaled", arguments={"service": "{service}"}, contains="healthy")
    write = McpWrite(
        tool="scale",
        pin=pins["scale"],
        risk=Risk.LOW,
        sources={"service": "component"},
        check=check,
    )
    reads = [McpRead(tool="scaled", arguments={"service": "{tenant}"})]
    server = bare.model_copy(
        update={"env": {"STAND_FILE": "file"}, "reads": reads, "writes": [write]}
    )
    secrets = {"file": SecretStr(str(folder / "calls"))}
    return {"mcp_servers": [server], "sense_secrets": secrets}


async def write(stage: Stage) -> WorkflowHistory:
    """One call of that tool, approved: the run that a ticket starts for it."""
    assert stage.settings.policy is not None
    said = stage.settings.policy.read_text("utf-8")
    stage.settings.policy.write_text(said.replace('"roll_back_release"', '"s.*"'), "utf-8")
    ticket = await stage.submit(incident("leak"))
    await asked(stage, ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    parent = await first_run(stage, ticket)
    [child] = _children(parent)
    return await stage.client.get_workflow_handle(child).fetch_history()
