"""What an operator, a host or a store does at the wrong moment loses no effect and no outcome."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lanternpost.host.activities import restart
from lanternpost.host.workflows import WORKFLOWS
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import FactKind, Outcome, OutcomeFact, OutcomeKind
from mendwheel.domain.state import TicketInput, TicketState
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.drafts import to_ticket
from mendwheel.settings import Settings
from mendwheel.workflows.remedies import workflow_id
from mendwheel.workflows.ticket import TicketWorkflow
from tests.workflows.stage import PATIENCE, Stage, eventually, host_queue, staged, vouched
from tests.workflows.tickets import broken, by_hand, incident, question


async def acting(stage: Stage) -> str:
    """A ticket whose remedy was started and waits for the host's worker."""
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    await stage.until(ticket, Phase.ACT)
    return ticket


async def started(client: Client, key: EffectKey) -> bool:
    try:
        await client.get_workflow_handle(workflow_id(key)).describe()
    except RPCError:
        return False
    return True


async def test_a_remedy_that_ended_after_its_ticket_was_terminated_does_not_run_again(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage, stage.worker():
        ticket = await acting(stage)
        key = EffectKey(ticket_id=ticket, round=1, step="remedy", target="restart_service")
        await eventually(lambda: started(client, key))
        await stage.handle(ticket).terminate("an operator was in a hurry")
        async with stage.host():
            child = client.get_workflow_handle(workflow_id(key))
            await child.result()
            await stage.intake.reopen(ticket, "mary")
            await stage.question(ticket)
            await asyncio.sleep(2.1)  # the claim of the terminated run is a lease of two seconds
            await stage.decisions.decide(ticket, True, subject="grace")
            await stage.result(ticket)
        assert broken()[1]["restarts"] == 1


async def test_a_stop_while_a_remedy_runs_still_records_what_the_remedy_came_to(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage, stage.worker():
        ticket = await acting(stage)
        await stage.intake.cancel(ticket, "mary")
        async with stage.host():
            outcome = await stage.result(ticket)
        assert broken()[1]["restarts"] == 1
        assert (outcome.kind, outcome.remedy) == (OutcomeKind.FIXED, "restart_service")


async def test_what_people_did_before_a_question_was_superseded_is_kept(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    fact = OutcomeFact(id="f-1", kind=FactKind.THUMBS_DOWN, who="tom", at=datetime.now(UTC))
    await stage.handle(ticket).signal("observe", fact)
    await stage.intake.inform(ticket, "mary", "only since we doubled the traffic")
    await stage.question(ticket, round=2)
    assert [kept.id for kept in stage.stores.outcomes.facts(ticket)] == ["f-1"]


async def test_an_answer_that_can_be_written_nowhere_is_recorded_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> str:
        raise ValueError("no such channel")

    monkeypatch.setattr(stage.stores.desk, "post", refuse)
    ticket = await stage.submit(question())
    assert (await stage.result(ticket)).kind is OutcomeKind.ANSWERED
    assert stage.stores.outcomes.latest(ticket) is not None
    steps = (await stage.reach.timeline(ticket)).steps
    assert any("no such channel" in step.text for step in steps)


@pytest.mark.parametrize("answer", ["all is well", None, True])
async def test_a_check_that_answers_with_something_else_is_red(
    client: Client, settings: Settings, answer: object
) -> None:
    @activity.defn(name="lanternpost.healthy")
    async def healthy(_: dict[str, Any]) -> object:
        return answer

    async with staged(client, settings, working=False) as stage, stage.worker():
        ticket = await acting(stage)
        with ThreadPoolExecutor(2) as executor:
            async with Worker(
                stage.client,
                task_queue=host_queue(stage.settings),
                workflows=WORKFLOWS,
                activities=[restart, healthy],
                activity_executor=executor,
            ):
                outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert "CheckResult" in outcome.reason


async def test_a_decision_whose_author_cannot_be_looked_up_leaves_the_ticket_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await stage.submit(incident("leak"))
    asked = (await stage.question(ticket)).approval
    assert asked is not None
    append = stage.stores.audit.append

    def broken_chain(ticket_id: str, action: str, *rest: Any) -> int:
        if action.startswith("decision"):
            raise ValueError("the chain is damaged")
        return append(ticket_id, action, *rest)

    decision = by_hand(asked, "ada", channel="cli")
    with monkeypatch.context() as patch:
        patch.setattr(stage.stores.audit, "append", broken_chain)
        await stage.handle(ticket).signal("decision", decision)
        await asyncio.sleep(0.5)
        assert (await stage.reach.status(ticket)).approval == asked
    await stage.handle(ticket).signal("decision", vouched(stage, decision))
    assert (await stage.result(ticket)).kind is OutcomeKind.FIXED


async def test_a_reopen_while_the_end_of_the_watch_waits_for_the_store_is_not_lost(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, held, go = stage.stores.outcomes.settle, threading.Event(), threading.Event()

    def settle_slowly(*what: Any) -> None:
        held.set()
        assert go.wait(PATIENCE)
        settle(*what)

    monkeypatch.setattr(stage.stores.outcomes, "settle", settle_slowly)
    now = datetime.now(UTC)
    ticket = to_ticket(question(), stage.stores, stage.settings, now)
    outcome = Outcome(ticket_id=ticket.id, round=1, kind=OutcomeKind.ANSWERED)
    stage.stores.outcomes.save(outcome)
    watched = TicketState(phase=Phase.WATCH, outcome=outcome, watch_until=now)
    await stage.client.start_workflow(
        TicketWorkflow.run,
        TicketInput(ticket=ticket, state=watched, index=False),
        id=ticket.id,
        task_queue=stage.settings.task_queue,
        # So that the server takes signals in soon while a local activity is under way.
        task_timeout=timedelta(seconds=1),
    )
    assert await asyncio.to_thread(held.wait, PATIENCE)
    await stage.intake.reopen(ticket.id, "mary")
    await asyncio.sleep(2.0)
    go.set()
    assert (await stage.result(ticket.id)).round == 2
