"""What happens around and after an answer: new information, reopening, duplicates, cancelling."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.contracts import names
from mendwheel.contracts.messages import Closure, Delivery, Reopen
from mendwheel.domain.outcome import FactKind, OutcomeFact, OutcomeKind, Standing
from mendwheel.domain.ticket import Information, Phase
from tests.workflows.stage import (
    Stage,
    broken,
    incident,
    own_settings,
    question,
    staged,
)


@pytest.fixture
async def watching(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage whose outcomes are watched for an hour."""
    settings = own_settings(tmp_path, request.node.name, watch_window=3600.0)
    async with staged(client, settings) as stage:
        yield stage


async def test_a_reopen_while_watched_starts_the_next_round(watching: Stage) -> None:
    ticket = await watching.submit(question())
    await watching.until(ticket, Phase.WATCH)
    submitted = await watching.intake.reopen(ticket, "mary", "that is not what I asked")
    assert not submitted.started
    status = await watching.until(ticket, lambda s: s.round == 2 and s.phase is Phase.WATCH)
    assert status.outcome is not None
    assert status.outcome.round == 2
    kinds = [fact.kind for fact in watching.stores.outcomes.facts(ticket)]
    assert kinds == [FactKind.REOPENED]
    assert len(watching.said(ticket)) == 2


async def test_a_reporters_reply_while_watched_says_the_answer_did_not_hold(
    watching: Stage,
) -> None:
    ticket = await watching.submit(question())
    await watching.until(ticket, Phase.WATCH)
    await watching.intake.inform(ticket, "mary", "the link stopped working after one day")
    await watching.until(ticket, lambda s: s.round == 2 and s.phase is Phase.WATCH)
    [fact] = watching.stores.outcomes.facts(ticket)
    assert (fact.kind, fact.who) == (FactKind.CAME_BACK, "mary")


async def test_a_reassignment_while_watched_revokes_the_outcome(watching: Stage) -> None:
    ticket = await watching.submit(question())
    await watching.until(ticket, Phase.WATCH)
    fact = OutcomeFact(id="f-1", kind=FactKind.REASSIGNED, who="tom", at=datetime.now(UTC))
    await watching.handle(ticket).signal("observe", fact)
    assert (await watching.result(ticket)).standing is Standing.REVOKED
    latest = watching.stores.outcomes.latest(ticket)
    assert latest is not None
    assert latest.standing is Standing.REVOKED


async def test_a_fact_that_arrives_before_the_watch_is_kept(watching: Stage) -> None:
    ticket = await watching.submit(incident("leak"))
    await watching.question(ticket)
    fact = OutcomeFact(id="f-1", kind=FactKind.THUMBS_UP, who="tom", at=datetime.now(UTC))
    for _ in range(2):
        await watching.handle(ticket).signal("observe", fact)
    await watching.decisions.decide(ticket, True, subject="ada")
    await watching.until(ticket, Phase.WATCH)
    assert watching.stores.outcomes.facts(ticket) == [fact]


async def test_cancelling_the_watch_confirms_nothing(watching: Stage) -> None:
    ticket = await watching.submit(question())
    await watching.until(ticket, Phase.WATCH)
    await watching.intake.cancel(ticket, "mary")
    assert (await watching.result(ticket)).standing is Standing.PROVISIONAL


async def test_rounds_come_to_an_end(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, watch_window=3600.0, rounds=2)
    async with staged(client, settings) as stage:
        ticket = await stage.submit(question())
        for round in (1, 2):
            await stage.until(ticket, lambda s, r=round: s.round == r and s.phase is Phase.WATCH)
            await stage.intake.reopen(ticket, "mary")
        outcome = await stage.result(ticket)
        assert (outcome.round, outcome.standing) == (2, Standing.REVOKED)
        assert (await stage.reach.status(ticket)).phase is Phase.CLOSED
        attributes = (await stage.handle(ticket).describe()).typed_search_attributes
        assert attributes[names.PHASE] == "closed"


async def test_a_reopen_after_the_close_starts_the_next_round_in_a_new_run(stage: Stage) -> None:
    ticket = await stage.submit(question())
    first = await stage.result(ticket)
    submitted = await stage.intake.reopen(ticket, "mary", "it still expires")
    assert submitted.started
    second = await stage.result(ticket)
    assert (first.round, second.round) == (1, 2)
    assert len(stage.said(ticket)) == 2


async def test_new_information_supersedes_the_question_and_starts_a_new_round(
    stage: Stage,
) -> None:
    ticket = await stage.submit(incident("leak"))
    old = (await stage.question(ticket)).approval
    await stage.intake.inform(ticket, "mary", "only since we doubled the traffic")
    new = (await stage.question(ticket, round=2)).approval
    assert old is not None
    assert new is not None
    assert new.request_id != old.request_id
    steps = (await stage.reach.timeline(ticket)).steps
    assert "superseded" in [step.text for step in steps]
    await stage.decisions.decide(ticket, True, subject="ada")
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.round) == (OutcomeKind.FIXED, 2)
    assert broken()[1]["restarts"] == 1


async def test_the_same_delivery_again_changes_nothing(watching: Stage) -> None:
    ticket = await watching.submit(incident("leak"))
    approval = (await watching.question(ticket)).approval
    handle = watching.handle(ticket)
    ref = watching.stores.artifacts.put("default", "more words")
    news = Information(delivery_id="d-1", author="mary", text=ref, at=datetime.now(UTC))
    await handle.signal("inform", news)
    second = (await watching.question(ticket, round=2)).approval
    await handle.signal("inform", news)
    await handle.signal("report", Delivery(delivery_id="d-1"))
    # The delivery id was taken by the news, so this reopen is a redelivery of it.
    await handle.signal("reopen", Reopen(delivery_id="d-1", who="mary"))
    status = await watching.reach.status(ticket)
    assert (status.round, status.approval) == (2, second)
    assert second != approval


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
