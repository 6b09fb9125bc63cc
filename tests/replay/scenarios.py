"""What is recorded of each workflow, and on which stage it is played."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client, WorkflowHistory

from mendwheel.contracts import names
from mendwheel.testing.board import InMemoryBoard
from tests.replay import again, lives, others
from tests.workflows.stage import Stage, own_settings, staged
from tests.workflows.tickets import runbooks


@dataclass(frozen=True)
class Scenario:
    """One run of `workflow`, whose history is kept."""

    play: Callable[[Stage], Awaitable[WorkflowHistory]]
    workflow: str = names.TICKET_WORKFLOW
    compared: bool = True
    """False: how often a card is edited depends on the clock; it is replayed only."""
    watched: float = lives.WINDOW
    tool: bool = False
    """Whether runbooks name a tool of an MCP server instead of a host's remedy."""


SCENARIOS = {
    "consulting": Scenario(lives.consulting),
    "anomaly": Scenario(lives.anomaly),
    "duplicate": Scenario(lives.duplicate),
    "watch": Scenario(lives.watch),
    "shown": Scenario(lives.shown, compared=False),
    "rejected": Scenario(lives.rejected),
    "expired": Scenario(lives.expired),
    "escalated": Scenario(lives.escalated),
    "edited": Scenario(lives.edited),
    "reopened": Scenario(lives.reopened, watched=3600.0),
    "second_round": Scenario(lives.second_round, watched=3600.0),
    "approval": Scenario(others.approval, names.APPROVAL_WORKFLOW),
    "hint": Scenario(others.hint, names.HINT_WORKFLOW),
    "poll": Scenario(others.poll, names.POLL_WORKFLOW),
    "retention": Scenario(others.retention, names.RETENTION_WORKFLOW),
    "write": Scenario(others.write, names.WRITE_WORKFLOW, tool=True),
    "call_lost": Scenario(again.call_lost, names.CALL_WORKFLOW),
    "retry": Scenario(again.retry, names.RETRY_WORKFLOW),
}
COMPARED = [name for name, scenario in SCENARIOS.items() if scenario.compared]


@asynccontextmanager
async def played(name: str, client: Client, folder: Path) -> AsyncIterator[Stage]:
    """The stage of one scenario, with queue, store and platform of its own."""
    scenario = SCENARIOS[name]
    settings = own_settings(folder, name, watch_window=scenario.watched)
    documents = runbooks()
    if scenario.tool:
        # In a thread: asking the server for its tools starts a loop of its own.
        told = await asyncio.to_thread(others.with_a_tool, folder)
        settings = settings.model_copy(update=told)
        documents = [each.model_copy(update={"remedy": "s.scale"}) for each in documents]
    boards = {"slack": InMemoryBoard(), "jira": InMemoryBoard()}
    async with staged(client, settings, documents=documents, boards=boards) as stage:
        yield stage
