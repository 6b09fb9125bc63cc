"""Reminders, escalation, expiry and the watch: days pass in a blink on a server that skips time."""

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from mendwheel.domain.outcome import FactKind, OutcomeKind, Standing
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.reach import DecisionRefused, IntakeError
from tests.workflows.stage import eventually, own_settings, staged, vouched
from tests.workflows.tickets import broken, by_hand, incident, question

WEEK = 7 * 24 * 3600.0


def parts(said: list[str], *words: str) -> list[int]:
    """How many messages hold each of the words."""
    return [sum(word in text for text in said) for word in words]


async def test_nobody_decides_so_people_are_reminded_and_then_nothing_is_done(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with staged(skipping.client, own_settings(tmp_path, request.node.name)) as stage:
        stage.policy(expires=3 * 1440.0, remind=1440.0)
        ticket = await stage.submit(incident("leak"))
        outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert "expired: nobody decided in time" in outcome.reason
        assert outcome.ended_at is not None
        assert outcome.started_at is not None
        assert outcome.ended_at - outcome.started_at >= timedelta(days=3)
        assert parts(stage.said(ticket), "Still waiting", "Nobody has decided") == [2, 0]
        assert broken()[1]["restarts"] == 0


async def test_an_undecided_question_is_escalated_once_to_people_who_may_decide(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name)
    async with staged(skipping.client, settings) as stage:
        escalate = 'escalate_minutes = 90\nescalate_to = ["linus"]'
        stage.policy(expires=300.0, remind=60.0, escalate=escalate)
        with skipping.with_time_skipping_disabled():
            ticket = await stage.submit(incident("leak"))
        await stage.question(ticket)
        await skipping.fast_forward(stage.handle(ticket), timedelta(minutes=200))
        assert parts(stage.said(ticket), "Still waiting", "Nobody has decided") == [2, 1]
        assert "grace, edsger, linus must agree" in "".join(stage.said(ticket))
        assert (await stage.decisions.decide(ticket, True, subject="linus")).accepted
        assert (await stage.result(ticket)).decided_by == ["linus"]


async def test_a_decision_after_the_questions_end_is_refused(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, watch_window=WEEK)
    async with staged(skipping.client, settings) as stage:
        with skipping.with_time_skipping_disabled():
            ticket = await stage.submit(incident("leak"))
        approval = (await stage.question(ticket)).approval
        assert approval is not None
        await skipping.fast_forward(stage.handle(ticket), timedelta(minutes=61))
        await stage.until(ticket, Phase.WATCH)
        with pytest.raises(IntakeError, match="nothing waits"):
            await stage.decisions.decide(ticket, True, subject="ada")
        with pytest.raises(DecisionRefused, match="nothing waits"):
            await stage.decisions.deliver(ticket, vouched(stage, by_hand(approval, "ada")))
        assert broken()[1]["restarts"] == 0


async def test_an_outcome_that_holds_for_a_week_is_confirmed(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, watch_window=WEEK)
    async with staged(skipping.client, settings) as stage:
        with skipping.with_time_skipping_disabled():
            ticket = await stage.submit(question())
        await stage.until(ticket, Phase.WATCH)
        await skipping.fast_forward(stage.handle(ticket), timedelta(days=6))
        latest = stage.stores.outcomes.latest(ticket)
        assert latest is not None
        assert latest.standing is Standing.PROVISIONAL
        await skipping.fast_forward(stage.handle(ticket), timedelta(days=2))
        assert (await stage.result(ticket)).standing is Standing.CONFIRMED
        latest = stage.stores.outcomes.latest(ticket)
        assert latest is not None
        assert latest.standing is Standing.CONFIRMED
        assert stage.actions(ticket)[-1] == "outcome confirmed"


async def test_a_reply_on_the_last_day_still_starts_the_next_round(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, watch_window=WEEK)
    async with staged(skipping.client, settings) as stage:
        with skipping.with_time_skipping_disabled():
            ticket = await stage.submit(question())
        await stage.until(ticket, Phase.WATCH)
        await skipping.fast_forward(stage.handle(ticket), timedelta(days=6, hours=23))
        await stage.intake.inform(ticket, "mary", "it is not there any more")

        async def came_back() -> bool:
            return [fact.kind for fact in stage.stores.outcomes.facts(ticket)] == [
                FactKind.CAME_BACK
            ]

        await eventually(came_back)
        status = await stage.until(ticket, lambda s: s.round == 2)
        assert status.round == 2


async def test_a_reporter_who_is_silent_for_a_day_is_asked_back(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with staged(skipping.client, own_settings(tmp_path, request.node.name)) as stage:
        ticket = await stage.submit(
            Draft(title="It is broken again", body="Error!", reporter="mary", key="silent")
        )
        outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.ASKED_BACK
        assert outcome.ended_at is not None
        assert outcome.started_at is not None
        assert outcome.ended_at - outcome.started_at >= timedelta(days=1)
        assert len(stage.said(ticket)) == 2
