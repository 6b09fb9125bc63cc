"""A remedy over HTTP in the life of a ticket: asked about, called once, checked, undone."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel, SecretStr
from temporalio.client import Client

from mendwheel.activities import calling
from mendwheel.domain.letter import LetterKind
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.remedy import Risk
from mendwheel.integrations.forgetting import Job, forget
from mendwheel.integrations.histories import Histories
from mendwheel.integrations.retries import Retries
from mendwheel.settings import Settings
from mendwheel.tools.http_calls import HttpCall, HttpCheck, HttpLook
from mendwheel.tools.registry import RemedySpec
from tests.http_target import Target
from tests.workflows.stage import Stage, eventually, staged
from tests.workflows.tickets import broken, incident, runbooks


class Service(BaseModel):
    service: str


@pytest.fixture
def target() -> Iterator[Target]:
    with Target().serving() as target:
        yield target


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease of an attempt that is known to be over; how it is waited out is shown elsewhere."""
    monkeypatch.setattr(calling, "LEASE", 0.0)


@asynccontextmanager
async def calls(
    client: Client, settings: Settings, target: Target, *, look: bool
) -> AsyncIterator[Stage]:
    found = HttpLook(url=f"{target.url}/effects/{{key}}") if look else None
    remedy = RemedySpec(
        name="restart",
        description="Restart a service.",
        arguments=Service,
        risk=Risk.MEDIUM,
        http=HttpCall(
            url=f"{target.url}/{{service}}/restart",
            look=found,
            secrets={"Authorization": "pager"},
        ),
        undo=HttpCall(method="DELETE", url=f"{target.url}/{{service}}/restart", honours_key=True),
        check=HttpCheck(url=f"{target.url}/h", field="state.healthy", equals=True, attempts=1),
        sources={"service": "component"},
    )
    settings = settings.model_copy(update={"remedy_secrets": {"pager": SecretStr("s3cret")}})
    documents = [each.model_copy(update={"remedy": "restart"}) for each in runbooks()]
    async with staged(client, settings, documents=documents, also=[remedy]) as stage:
        _allow(stage)
        yield stage


def _allow(stage: Stage) -> None:
    stage.policy(mode="live")
    assert stage.settings.policy is not None
    said = stage.settings.policy.read_text("utf-8")
    stage.settings.policy.write_text(said.replace("roll_back_release", "restart"), "utf-8")


async def test_an_answer_lost_in_a_tickets_call_is_found_and_the_ticket_is_fixed(
    client: Client, settings: Settings, target: Target
) -> None:
    target.ways = ["lose"]
    async with calls(client, settings, target, look=True) as stage:
        ticket = await stage.submit(incident("leak"))
        outcome = await stage.result(ticket)
        assert (outcome.kind, outcome.remedy) == (OutcomeKind.FIXED, "restart")
        assert "state.healthy is true" in outcome.reason
        assert target.done == [("POST", f"/{broken()[0]}/restart", {})]
        assert stage.stores.letters.list() == []
        assert "http call found" in stage.actions(ticket)
        history = await stage.client.get_workflow_handle(
            f"{ticket}-r1-remedy-restart"
        ).fetch_history()
        assert "s3cret" not in history.to_json()


async def test_a_red_check_undoes_it_over_http_and_a_person_takes_over(
    client: Client, settings: Settings, target: Target
) -> None:
    target.healthy = False
    async with calls(client, settings, target, look=True) as stage:
        outcome = await stage.result(await stage.submit(incident("leak")))
    assert (outcome.kind, outcome.undone) == (OutcomeKind.HANDED_OVER, True)
    assert [method for method, _, _ in target.done] == ["POST", "DELETE"]
    assert len(set(target.keys)) == 2


async def test_an_end_that_nothing_can_tell_is_kept_and_repeated_once_after_a_person_looked(
    client: Client, settings: Settings, target: Target
) -> None:
    target.ways = ["503", "403"]  # the undo is refused
    async with calls(client, settings, target, look=False) as stage:
        ticket = await stage.submit(incident("leak"))
        outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert "it may have been done" in outcome.reason
        [letter] = stage.stores.letters.list()
        assert (letter.kind, letter.unknown) == (LetterKind.HTTP, True)
        retries = Retries(stage.client, stage.settings)
        blind = await retries.retry(letter.key, who="ada")
        assert blind.refused
        assert "--looked" in blind.said
        assert target.done == []
        stage.policy(kill_switch=True)
        assert (await retries.retry(letter.key, who="ada", looked=True)).refused
        _allow(stage)
        both = await asyncio.gather(
            *(retries.retry(letter.key, who=who, looked=True) for who in ("ada", "grace"))
        )
        assert any(each.done for each in both)
        assert [method for method, _, _ in target.done] == ["POST"]
        assert (await retries.retry(letter.key, who="ada", looked=True)).refused


async def test_forgetting_a_ticket_takes_its_calls_and_retries_along(
    client: Client, settings: Settings, target: Target
) -> None:
    target.ways = ["503", "403"]  # the undo is refused
    async with calls(client, settings, target, look=False) as stage:
        ticket = await stage.submit(incident("leak"))
        await stage.result(ticket)
        [letter] = stage.stores.letters.list()
        retries = Retries(stage.client, stage.settings)
        assert (await retries.retry(letter.key, who="ada", looked=True)).done

        async def runs() -> int:
            found = stage.client.list_workflows(f"TaskQueue = '{stage.settings.task_queue}'")
            return len([run async for run in found])

        async def all_listed() -> bool:
            return await runs() == 4  # the ticket, its call, the undo of that, the retry

        await eventually(all_listed)
        job = Job(stage.settings, stage.stores, Histories(stage.client), "ada")
        assert (await forget(job, ticket)).elsewhere == []

        async def nothing_left() -> bool:
            await forget(job, ticket)
            return await runs() == 0

        await eventually(nothing_left)


async def test_the_kill_switch_stops_a_call_that_is_being_tried_again(
    client: Client, settings: Settings, target: Target
) -> None:
    target.ways = ["429"] * 1000
    async with calls(client, settings, target, look=True) as stage:
        ticket = await stage.submit(incident("leak"))

        async def tried() -> bool:
            return bool(target.headers)

        await eventually(tried)
        stage.policy(kill_switch=True)
        target.ways = []
        outcome = await stage.result(ticket)
    assert target.done == []
    assert outcome.kind is OutcomeKind.HANDED_OVER
    assert "the kill switch is on" in outcome.reason
