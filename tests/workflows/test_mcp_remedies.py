"""A tool of a real MCP server as the remedy of an incident: asked about, called once, checked."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client, WorkflowFailureError

from mendwheel.domain.looking import McpCheck, McpRead, McpServer, McpWrite
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.remedy import Risk
from mendwheel.integrations.senses.mcp_sense import McpSense
from mendwheel.settings import Settings
from tests.workflows.stage import Stage, staged
from tests.workflows.tickets import broken, incident, runbooks

STAND = str(Path(__file__).parents[1] / "integrations" / "mcp_stand.py")
CHECK = McpCheck(tool="scaled", arguments={"service": "{service}"}, contains="healthy")


@pytest.fixture(scope="module")
def scaler() -> McpServer:
    bare = McpServer(name="s", command=sys.executable, args=[STAND])
    pin = next(each.pin for each in McpSense(bare, {}).tools() if each.tool == "scale")
    write = McpWrite(
        tool="scale",
        pin=pin,
        risk=Risk.LOW,
        sources={"service": "component"},
        check=CHECK,
    )
    return bare.model_copy(
        update={
            "env": {"STAND_FILE": "file"},
            "reads": [McpRead(tool="scaled", arguments={"service": "{tenant}"})],
            "writes": [write],
        }
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls"


@pytest.fixture
async def scaling(
    client: Client, settings: Settings, file: Path, scaler: McpServer
) -> AsyncIterator[Stage]:
    """A stage whose runbooks name the server's tool, under a policy that runs things unasked."""
    secrets = {"file": SecretStr(str(file))}
    ours = settings.model_copy(update={"mcp_servers": [scaler], "sense_secrets": secrets})
    documents = [each.model_copy(update={"remedy": "s.scale"}) for each in runbooks()]
    async with staged(client, ours, documents=documents) as stage:
        _allow(stage)
        yield stage


def _calls(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _allow(stage: Stage, **changes: Any) -> None:
    stage.policy(mode="live", **changes)
    assert stage.settings.policy is not None
    said = stage.settings.policy.read_text("utf-8")
    said = said.replace('"roll_back_release"]', '"s.*"]').replace('["medium"]', '["low", "medium"]')
    stage.settings.policy.write_text(said, "utf-8")


async def test_a_person_is_asked_though_the_policy_would_act_and_it_runs_once(
    scaling: Stage, file: Path
) -> None:
    ticket = await scaling.submit(incident("leak"))
    asked = (await scaling.question(ticket)).approval
    assert asked is not None
    assert asked.tool == "s.scale"
    service = broken()[0]
    assert asked.arguments == {"service": service}
    assert _calls(file) == []
    await scaling.decisions.decide(ticket, True, subject="ada")
    outcome = await scaling.result(ticket)
    assert (outcome.kind, outcome.remedy) == (OutcomeKind.FIXED, "s.scale")
    assert outcome.reason == f"healthy: {service} 1"
    assert _calls(file) == [f"{service} 1"]
    steps = [key.step for key, _ in scaling.stores.ledger.entries(ticket)]
    assert {"remedy", "call"} <= set(steps)
    assert "tool called" in scaling.actions(ticket)


async def test_a_refused_one_is_not_called(scaling: Stage, file: Path) -> None:
    ticket = await scaling.submit(incident("leak"))
    await scaling.question(ticket)
    await scaling.decisions.decide(ticket, False, subject="ada")
    assert (await scaling.result(ticket)).kind is OutcomeKind.HANDED_OVER
    assert _calls(file) == []


async def test_started_by_hand_it_calls_nothing(scaling: Stage, file: Path) -> None:
    with pytest.raises(WorkflowFailureError) as refused:
        await scaling.client.execute_workflow(
            "mendwheel.write",
            {"service": "shop"},
            id=f"mendwheel-default-jira-X-r1-remedy-s.scale-{scaling.settings.task_queue}",
            task_queue=scaling.settings.task_queue,
        )
    assert "only a ticket starts this workflow" in str(refused.value.cause)
    assert _calls(file) == []
