"""A remedy whose workflow lives in another namespace: started there once, and followed."""

import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from lanternpost.host.activities import ACTIVITIES
from lanternpost.host.workflows import WORKFLOWS
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.remedy import Invocation, Risk
from mendwheel.settings import Settings
from mendwheel.tools.registry import RemedySpec
from tests.workflows.stage import Stage, host_queue, remedies_on, speaking_pydantic, staged
from tests.workflows.test_namespace import namespace_of_its_own
from tests.workflows.tickets import incident, runbooks

QUEUE = "elsewhere"


@pytest.fixture
async def there(client: Client) -> Client:
    return speaking_pydantic(await namespace_of_its_own(client))


def remedy(settings: Settings, namespace: str) -> RemedySpec:
    """Lanternpost's restart and its undo, which live in `namespace`; its check lives here."""
    spec = next(
        each for each in remedies_on(host_queue(settings)) if each.name == "restart_service"
    )
    assert isinstance(spec.workflow, Invocation)
    moved = spec.workflow.model_copy(update={"namespace": namespace, "task_queue": QUEUE})
    return spec.model_copy(
        update={"name": "restart_there", "workflow": moved, "undo": None, "risk": Risk.LOW}
    )


@asynccontextmanager
async def acting(client: Client, settings: Settings, namespace: str) -> AsyncIterator[Stage]:
    documents = [each.model_copy(update={"remedy": "restart_there"}) for each in runbooks()]
    also = [remedy(settings, namespace)]
    async with staged(client, settings, documents=documents, also=also) as stage:
        assert stage.settings.policy is not None
        said = stage.settings.policy.read_text("utf-8")
        stage.settings.policy.write_text(
            said.replace("roll_back_release", "restart_there"), "utf-8"
        )
        yield stage


@asynccontextmanager
async def host(there: Client) -> AsyncIterator[None]:
    with ThreadPoolExecutor(2) as executor:
        async with Worker(
            there,
            task_queue=QUEUE,
            workflows=WORKFLOWS,
            activities=ACTIVITIES,
            activity_executor=executor,
        ):
            yield


async def approved(stage: Stage, ticket: str) -> None:
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="ada")


async def test_it_runs_there_and_the_ticket_is_fixed(
    client: Client, settings: Settings, there: Client
) -> None:
    async with host(there), acting(client, settings, there.namespace) as stage:
        ticket = await stage.submit(incident("leak"))
        await approved(stage, ticket)
        outcome = await stage.result(ticket)
        assert (outcome.kind, outcome.remedy) == (OutcomeKind.FIXED, "restart_there")
        run = await there.get_workflow_handle(f"{ticket}-r1-remedy-restart_there").describe()
        assert run.namespace == there.namespace
        assert "effect done" in stage.actions(ticket)


async def test_one_that_an_attempt_before_a_crash_started_is_followed_and_not_started_again(
    client: Client, settings: Settings, there: Client
) -> None:
    async with acting(client, settings, there.namespace) as stage:
        ticket = await stage.submit(incident("leak"))
        asked = (await stage.question(ticket)).approval
        assert asked is not None
        spec = remedy(settings, there.namespace).workflow
        assert spec is not None
        first = await there.start_workflow(
            spec.name,
            asked.arguments,
            id=f"{ticket}-r1-remedy-restart_there",
            task_queue=QUEUE,
        )
        async with host(there):
            await first.result()
            await approved(stage, ticket)
            assert (await stage.result(ticket)).kind is OutcomeKind.FIXED
        described = await there.get_workflow_handle(first.id).describe()
        assert described.run_id == first.result_run_id


async def test_a_namespace_that_is_not_there_goes_to_a_person_by_its_name(
    client: Client, settings: Settings
) -> None:
    nowhere = f"nowhere-{os.urandom(3).hex()}"
    async with acting(client, settings, nowhere) as stage:
        ticket = await stage.submit(incident("leak"))
        await approved(stage, ticket)
        outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.HANDED_OVER
    assert f"in the namespace {nowhere!r}" in outcome.reason
    assert "create it" in outcome.reason
