"""Incidents: a remedy is asked for, runs once, is checked, undone on red; policy is read live."""

import asyncio
import json
from typing import Any

import pytest
from lanternpost.host import state
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.reach import IntakeError
from mendwheel.settings import Settings
from mendwheel.workflows.remedies import workflow_id
from tests.workflows.stage import Stage, eventually, staged
from tests.workflows.tickets import broken, incident


def remedy_id(ticket: str, tool: str, round: int = 1) -> str:
    return workflow_id(EffectKey(ticket_id=ticket, round=round, step="remedy", target=tool))


def stubborn() -> None:
    """Whatever is done, the service stays broken."""
    name, _ = broken()
    state.change(name, stubborn=True)


async def test_an_approved_remedy_runs_once_and_the_ticket_is_fixed(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak"))
    status = await stage.question(ticket)
    assert status.waiting_for == "a decision by ada, grace, edsger"
    service, before = broken()
    reply = await stage.decisions.decide(ticket, True, subject="ada")
    assert reply.accepted
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.remedy) == (OutcomeKind.FIXED, "restart_service")
    assert outcome.decided_by == ["ada"]
    assert outcome.policy
    assert state.read()[service]["restarts"] == before["restarts"] + 1
    [(key, receipt)] = [
        entry for entry in stage.stores.ledger.entries(ticket) if entry[0].step == "remedy"
    ]
    assert receipt.reference == workflow_id(key)
    asked, final = stage.said(ticket)
    assert "Run restart_service" in asked
    assert "Fixed" in final


async def test_an_incident_without_a_runbook_is_handed_over_or_proposed(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, documents=[]) as stage:
        ticket = await stage.submit(incident("leak"))
        outcome = await stage.result(ticket)
        assert outcome.kind in (OutcomeKind.HANDED_OVER, OutcomeKind.PROPOSED)
        assert outcome.remedy is None
        assert stage.stores.questions.open(ticket) is None
        assert outcome.component == broken()[0]
        assert len(stage.said(ticket)) == 1


async def test_a_check_that_stays_red_undoes_the_remedy_and_hands_over(stage: Stage) -> None:
    draft = incident("bad_release")
    stubborn()
    service, before = broken()
    ticket = await stage.submit(draft)
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.undone) == (OutcomeKind.HANDED_OVER, True)
    assert "the check stayed red" in outcome.reason
    assert state.read()[service]["release"] == before["release"]
    assert "What was found so far" in stage.said(ticket)[-1]


async def test_a_remedy_without_an_undo_is_not_said_to_be_undone(stage: Stage) -> None:
    draft = incident("leak")
    stubborn()
    ticket = await stage.submit(draft)
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.undone) == (OutcomeKind.HANDED_OVER, False)


async def test_low_or_medium_risk_runs_unasked_only_in_live_mode(stage: Stage) -> None:
    stage.policy(mode="live")
    ticket = await stage.submit(incident("leak"))
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.decided_by) == (OutcomeKind.FIXED, [])
    assert len(stage.said(ticket)) == 1


async def test_a_policy_changed_under_the_question_asks_again(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak"))
    first = (await stage.question(ticket)).approval
    stage.policy(remind=30.0)
    await stage.decisions.decide(ticket, True, subject="ada")
    second = (
        await stage.until(ticket, lambda s: s.approval is not None and s.approval != first)
    ).approval
    assert first is not None
    assert second is not None
    assert second.request_id != first.request_id
    assert second.policy_version != first.policy_version
    assert broken()[1]["restarts"] == 0
    await stage.question(ticket)
    await asyncio.sleep(0.2)
    await stage.decisions.decide(ticket, True, subject="grace", request_id=second.request_id)
    assert (await stage.result(ticket)).kind is OutcomeKind.FIXED


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kill_switch": True}, "the kill switch is on"),
        ({"never": ["restart_*"]}, "on the never list"),
    ],
)
async def test_live_authority_beats_an_approval(
    stage: Stage, change: dict[str, object], why: str
) -> None:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    stage.policy(**change)
    await stage.decisions.decide(ticket, True, subject="ada")
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.HANDED_OVER
    assert why in outcome.reason
    assert broken()[1]["restarts"] == 0
    assert "effect refused" in stage.actions(ticket)


async def test_a_broken_policy_file_forbids_acting(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    assert stage.settings.policy is not None
    stage.settings.policy.write_text("mode = [", "utf-8")
    with pytest.raises(IntakeError, match="may not decide"):
        await stage.decisions.decide(ticket, True, subject="ada")
    assert broken()[1]["restarts"] == 0
    await stage.intake.cancel(ticket, "mary")
    assert (await stage.result(ticket)).kind is OutcomeKind.CANCELLED


async def test_a_host_that_is_away_is_waited_for(client: Client, settings: Settings) -> None:
    async with staged(client, settings, working=False) as stage, stage.worker():
        ticket = await stage.submit(incident("leak"))
        await stage.question(ticket)
        await stage.decisions.decide(ticket, True, subject="ada")
        await stage.until(ticket, Phase.ACT)
        assert broken()[1]["restarts"] == 0
        async with stage.host():
            assert (await stage.result(ticket)).kind is OutcomeKind.FIXED
        assert json.loads(state.path().read_text())[broken()[0]]["restarts"] == 1


async def test_a_terminated_ticket_started_again_follows_the_remedy_that_runs(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage, stage.worker():
        draft = incident("leak")
        ticket = await stage.submit(draft)
        await stage.question(ticket)
        await stage.decisions.decide(ticket, True, subject="ada")
        child = client.get_workflow_handle(remedy_id(ticket, "restart_service"))
        await eventually(lambda: exists(child))
        await stage.handle(ticket).terminate("an operator was in a hurry")
        with pytest.raises(IntakeError, match="reopen"):
            await stage.submit(draft)
        await stage.intake.reopen(ticket, "mary")
        await stage.question(ticket)
        await asyncio.sleep(2.1)  # the claim of the terminated run is a lease of two seconds
        await stage.decisions.decide(ticket, True, subject="grace")
        async with stage.host():
            outcome = await stage.result(ticket)
        assert (outcome.kind, outcome.round) == (OutcomeKind.FIXED, 1)
        assert broken()[1]["restarts"] == 1
        history = await stage.handle(ticket).fetch_history()
        assert "mendwheel.follow" in history.to_json()


async def exists(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        await handle.describe()
    except RPCError:
        return False
    return True
