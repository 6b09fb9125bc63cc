"""A host's workflow uses the question on its own: the example runs, and refuses as it should."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from approval_in_a_host import host
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.domain.approval import Approval, RulingKind
from mendwheel.integrations.decisions import Decisions
from mendwheel.integrations.reach import DecisionRefused, IntakeError
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.workflows.approval import ApprovalWorkflow
from tests.workflows.stage import eventually, speaking_pydantic

SCRIPT = Path(host.__file__)


async def asked(stores: Stores, ticket: str) -> Approval:
    async def open_now() -> bool:
        return stores.questions.open(ticket) is not None

    await eventually(open_now)
    approval = stores.questions.open(ticket)
    assert approval is not None
    return approval


async def test_the_example_runs_as_a_script_and_drops_after_a_yes(
    client: Client, settings: Settings
) -> None:
    client = speaking_pydantic(client)
    environment = os.environ | {
        "MENDWHEEL_TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "MENDWHEEL_HOME": str(settings.home),
        "MENDWHEEL_USER": "somebody-else",
    }
    script = await asyncio.create_subprocess_exec(
        sys.executable, SCRIPT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        with Stores(settings.store_path) as stores:
            await asked(stores, "drop-orders-2019-approval")
            decisions = Decisions(client, stores, settings)
            with pytest.raises(DecisionRefused, match="ada may not decide this"):
                await decisions.decide("drop-orders-2019-approval", True, subject="ada")
            await decisions.decide("drop-orders-2019-approval", True, subject="somebody-else")
        said, _ = await asyncio.wait_for(script.communicate(), 30)
    finally:
        if script.returncode is None:
            script.kill()
    assert said.decode().strip() == "dropped orders_2019, approved by somebody-else"
    assert script.returncode == 0


async def test_a_hosts_workflow_keeps_the_table_after_a_no_and_after_a_withdrawal(
    client: Client, settings: Settings
) -> None:
    client = speaking_pydantic(client)
    plugin = MendwheelPlugin(settings.model_copy(update={"user": "ada"}))
    worker = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[host.DropTable],
        activities=[host.drop],
        plugins=[plugin],
    )
    decisions = Decisions(client, plugin.house.stores, settings)
    async with worker:
        runs = [
            await client.start_workflow(
                host.DropTable.run,
                args=[table, "mary"],
                id=f"{table}-{os.urandom(3).hex()}",
                task_queue=settings.task_queue,
            )
            for table in ("orders", "parcels")
        ]
        questions = [await asked(plugin.house.stores, f"{run.id}-approval") for run in runs]
        assert questions[0].arguments_sha256 != questions[1].arguments_sha256
        await decisions.decide(questions[0].ticket_id, False, subject="ada", note="still needed")
        child = client.get_workflow_handle_for(ApprovalWorkflow.run, questions[1].ticket_id)
        assert await child.query(ApprovalWorkflow.question) == questions[1]
        await child.signal(ApprovalWorkflow.withdraw)
        assert await runs[0].result() == "kept orders: rejected still needed"
        assert await runs[1].result() == "kept parcels: superseded"
        assert (await child.result()).kind is RulingKind.SUPERSEDED
        with pytest.raises(IntakeError):
            await decisions.decide(questions[0].ticket_id, True, subject="ada")
