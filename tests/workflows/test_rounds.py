"""What happens around and after an answer: new information, reopening, duplicates, cancelling."""

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.contracts import names
from mendwheel.contracts.messages import Delivery, Reopen
from mendwheel.domain.outcome import FactKind, OutcomeFact, OutcomeKind, Standing
from mendwheel.domain.ticket import Information, Phase
from tests.workflows.stage import PATIENCE, Stage, own_settings, staged
from tests.workflows.tickets import broken, incident, question


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


async def test_what_is_said_while_the_answer_is_written_is_not_lost(
    watching: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, held, go = watching.stores.desk.post, threading.Event(), threading.Event()

    def post_slowly(*message: Any) -> str:
        held.set()
        assert go.wait(PATIENCE)
        return post(*message)

    monkeypatch.setattr(watching.stores.desk, "post", post_slowly)
    ticket = await watching.submit(question())
    assert await asyncio.to_thread(held.wait, PATIENCE)
    await watching.intake.reopen(ticket, "mary", "one more thing")
    fact = OutcomeFact(id="f-1", kind=FactKind.THUMBS_DOWN, who="tom", at=datetime.now(UTC))
    await watching.handle(ticket).signal("observe", fact)
    go.set()
    await watching.until(ticket, lambda s: s.round == 2 and s.phase is Phase.WATCH)
    kinds = {fact.kind for fact in watching.stores.outcomes.facts(ticket)}
    assert kinds == {FactKind.REOPENED, FactKind.THUMBS_DOWN}
    assert len(watching.said(ticket)) == 2


async def test_whoever_keeps_talking_cannot_keep_it_busy_for_ever(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, rounds=2)
    async with staged(client, settings) as stage:
        ticket = await stage.submit(incident("leak"))
        await stage.question(ticket)
        await stage.intake.inform(ticket, "mary", "and another thing")
        await stage.question(ticket, round=2)
        await stage.intake.inform(ticket, "mary", "and yet another")
        outcome = await stage.result(ticket)
        assert (outcome.kind, outcome.round) == (OutcomeKind.HANDED_OVER, 2)
        assert broken()[1]["restarts"] == 0


async def test_what_a_remedy_came_to_is_recorded_though_something_was_added_meanwhile(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, watch_window=3600.0)
    async with staged(client, settings, working=False) as stage, stage.worker():
        ticket = await stage.submit(incident("leak"))
        await stage.question(ticket)
        await stage.decisions.decide(ticket, True, subject="ada")
        await stage.until(ticket, Phase.ACT)
        await stage.intake.inform(ticket, "mary", "it is slow as well")
        async with stage.host():
            await stage.until(ticket, lambda s: s.round == 2)
        assert broken()[1]["restarts"] == 1
        assert "Fixed" in "".join(stage.said(ticket))
        assert FactKind.CAME_BACK in [fact.kind for fact in stage.stores.outcomes.facts(ticket)]
        kinds = [row["kind"] for row in stage.stores.audit.read(ticket) if "kind" in row]
        assert kinds[0] == "fixed"
