"""Tickets that end early: cancelled by somebody, or the same as one that is open already."""

import asyncio

import pytest
from temporalio.client import Client

from mendwheel.contracts.messages import Closure
from mendwheel.domain.outcome import OutcomeKind, Standing
from mendwheel.domain.ticket import Phase
from mendwheel.settings import Settings
from tests.workflows.stage import Stage, staged
from tests.workflows.tickets import broken, incident, question


async def test_cancelling_the_watch_confirms_nothing(watching: Stage) -> None:
    ticket = await watching.submit(question())
    await watching.until(ticket, Phase.WATCH)
    await watching.intake.cancel(ticket, "mary")
    assert (await watching.result(ticket)).standing is Standing.PROVISIONAL


async def test_a_cancel_signal_records_cancelled(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    await stage.intake.cancel(ticket, "mary")
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.reason) == (OutcomeKind.CANCELLED, "stopped by mary")
    assert stage.stores.outcomes.latest(ticket) == outcome
    assert broken()[1]["restarts"] == 0
    assert "Stopped" in stage.said(ticket)[-1]


async def test_a_cancellation_by_temporal_records_cancelled_too(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    await stage.handle(ticket).cancel()
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.CANCELLED
    assert stage.stores.outcomes.latest(ticket) == outcome
    assert "Stopped" in stage.said(ticket)[-1]


@pytest.mark.parametrize("moment", [0.0, 0.03, 0.06, 0.1, 0.15, 0.2])
async def test_whatever_a_cancellation_meets_it_is_recorded_as_one(
    stage: Stage, moment: float
) -> None:
    ticket = await stage.submit(incident("leak"))
    await asyncio.sleep(moment)
    await stage.handle(ticket).cancel()
    assert (await stage.result(ticket)).kind is OutcomeKind.CANCELLED


async def test_a_duplicate_links_to_the_open_incident_and_closes_with_it(watching: Stage) -> None:
    original = await watching.submit(incident("leak"))
    await watching.question(original)
    duplicate = await watching.submit(incident("leak", role="duplicate"))
    status = await watching.until(duplicate, Phase.WATCH)
    assert status.outcome is not None
    assert status.outcome.duplicate_of == original
    await watching.decisions.decide(original, True, subject="ada")
    status = await watching.until(
        duplicate, lambda s: s.outcome is not None and "closed with" in s.outcome.reason
    )
    assert status.outcome is not None
    assert status.outcome.reason == f"closed with {original}: fixed"
    assert len(watching.said(duplicate)) == 2
    assert broken()[1]["restarts"] == 1


async def test_a_duplicate_follows_an_original_that_ends_twice(watching: Stage) -> None:
    original = await watching.submit(incident("leak"))
    await watching.question(original)
    duplicate = await watching.submit(incident("leak", role="duplicate"))
    await watching.until(duplicate, Phase.WATCH)
    for kind in (OutcomeKind.FIXED, OutcomeKind.FIXED, OutcomeKind.HANDED_OVER):
        closure = Closure(ticket_id=original, kind=kind)
        await watching.handle(duplicate).signal("closure", closure)
        await watching.until(
            duplicate,
            lambda s, k=kind: s.outcome is not None and s.outcome.reason.endswith(k.value),
        )
    assert (await watching.reach.status(duplicate)).phase is Phase.WATCH
    assert len(watching.said(duplicate)) == 3


async def test_a_duplicate_of_an_incident_that_is_gone_is_recorded_all_the_same(
    stage: Stage,
) -> None:
    original = await stage.submit(incident("leak"))
    await stage.question(original)
    await stage.handle(original).terminate("gone")
    duplicate = await stage.submit(incident("leak", role="duplicate"))
    outcome = await stage.result(duplicate)
    assert (outcome.kind, outcome.duplicate_of) == (OutcomeKind.DUPLICATE, original)


async def test_the_same_question_of_two_people_is_answered_twice(stage: Stage) -> None:
    tickets = [await stage.submit(question(reporter=name)) for name in ("mary", "tom")]
    outcomes = await asyncio.gather(*(stage.result(ticket) for ticket in tickets))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.ANSWERED] * 2


async def test_a_stop_that_comes_while_one_round_hands_over_to_the_next_is_kept(
    watching: Stage,
) -> None:
    ticket = await watching.submit(question())
    await watching.until(ticket, Phase.WATCH)
    await watching.intake.reopen(ticket, "mary")
    await watching.intake.cancel(ticket, "mary")
    assert (await watching.result(ticket)).standing is not Standing.CONFIRMED
    assert (await watching.reach.status(ticket)).phase is Phase.CLOSED


async def test_of_a_stop_and_a_reopen_the_last_word_counts(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage:
        stopped, again = [await stage.submit(question(reporter=name)) for name in ("a", "b")]
        await stage.intake.reopen(stopped, "mary")
        await stage.intake.cancel(stopped, "mary")
        await stage.intake.inform(again, "mary", "which plan does this hold for?")
        await stage.intake.cancel(again, "mary")
        await stage.intake.reopen(again, "mary")
        async with stage.worker():
            assert (await stage.result(stopped)).kind is OutcomeKind.CANCELLED
            assert (await stage.result(again)).kind is OutcomeKind.ANSWERED


async def test_a_ticket_stopped_before_its_first_step_is_recorded_as_cancelled(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage:
        ticket = await stage.submit(question())
        await stage.intake.inform(ticket, "mary", "never mind")
        await stage.intake.cancel(ticket, "mary")
        async with stage.worker():
            outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.CANCELLED
        assert stage.stores.outcomes.latest(ticket) == outcome
