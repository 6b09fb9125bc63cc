"""Questions: answered with citations, asked back once, or handed over with what was found."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.drafts import Draft
from mendwheel.settings import Settings
from tests.workflows.stage import Stage, own_settings, staged
from tests.workflows.tickets import incident, question

VAGUE = {"title": "It is broken again", "files": [], "body": "Error!"}


async def test_a_question_is_answered_with_citations_and_names_the_engine(stage: Stage) -> None:
    ticket = await stage.submit(question())
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.ANSWERED
    [answer] = stage.said(ticket)
    assert "72 hours" in answer
    assert "[K1]" in answer
    assert "without a language model" in answer
    assert outcome.engine == "extractive"
    assert stage.stores.outcomes.latest(ticket) == outcome


async def test_what_knowledge_does_not_cover_is_handed_over_with_what_was_found(
    stage: Stage,
) -> None:
    ticket = await stage.submit(
        question(title="Which pension scheme do apprentices in the Bremen office join?")
    )
    outcome = await stage.result(ticket)
    assert outcome.kind in (OutcomeKind.HANDED_OVER, OutcomeKind.ASKED_BACK)
    assert outcome.dossier is not None
    assert "72 hours" not in "".join(stage.said(ticket))


async def test_a_suspicious_ticket_is_handed_over_and_nothing_runs(stage: Stage) -> None:
    ticket = await stage.submit(incident(role="hostile"))
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.HANDED_OVER
    assert "effect permitted" not in stage.actions(ticket)


async def test_missing_facts_are_asked_for_once_and_the_answer_is_used(stage: Stage) -> None:
    ticket = await stage.submit(Draft(reporter="mary", key="vague", **VAGUE))
    status = await stage.until(ticket, Phase.ASKING)
    assert status.waiting_for == "an answer of the reporter"
    await stage.intake.inform(ticket, "mary", "search-index fails with OutOfMemoryError since 9:00")
    outcome = await stage.result(ticket)
    assert outcome.kind is not OutcomeKind.ASKED_BACK
    assert outcome.round == 1
    [asked, _final] = stage.said(ticket)
    assert "we need to know" in asked


async def test_a_reporter_who_does_not_answer_in_time_is_asked_back(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, ask_wait=0.2)
    async with staged(client, settings) as stage:
        ticket = await stage.submit(Draft(reporter="mary", key="silent", **VAGUE))
        outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.ASKED_BACK
        assert len(stage.said(ticket)) == 2


async def test_a_dry_run_never_asks_acts_waits_or_writes(stage: Stage) -> None:
    drafts = [question(), incident(), Draft(reporter="mary", key="dry-vague", **VAGUE)]
    tickets = [await stage.submit(draft, dry_run=True) for draft in drafts]
    outcomes = await asyncio.gather(*(stage.result(ticket) for ticket in tickets))
    assert [outcome.kind for outcome in outcomes] == [
        OutcomeKind.ANSWERED,
        OutcomeKind.PROPOSED,
        OutcomeKind.ASKED_BACK,
    ]
    for ticket in tickets:
        assert stage.said(ticket) == []
        assert stage.stores.questions.open(ticket) is None
        assert "effect permitted" not in stage.actions(ticket)
        history = await stage.handle(ticket).fetch_history()
        kinds = {event.WhichOneof("attributes") for event in history.events}
        assert not {name for name in kinds if name and ("child" in name or "timer" in name)}


async def test_two_tickets_at_once_do_not_mix(stage: Stage) -> None:
    drafts = [question(reporter=name) for name in ("mary", "tom")]
    drafts[1].title = "How do I renew a link of an export that has expired?"
    tickets = await asyncio.gather(*(stage.submit(draft) for draft in drafts))
    outcomes = await asyncio.gather(*(stage.result(ticket) for ticket in tickets))
    assert [outcome.ticket_id for outcome in outcomes] == tickets
    assert tickets[0] != tickets[1]
    for ticket, other in zip(tickets, reversed(tickets), strict=True):
        assert len(stage.said(ticket)) == 1
        assert {row["ticket_id"] for row in stage.stores.audit.read(ticket)} == {ticket}
        assert (await stage.reach.status(ticket)).title != (await stage.reach.status(other)).title


async def test_status_and_timeline_tell_the_story(stage: Stage) -> None:
    ticket = await stage.submit(question())
    outcome = await stage.result(ticket)
    status = await stage.reach.status(ticket)
    assert (status.phase, status.outcome, status.waiting_for) == (Phase.CLOSED, outcome, "")
    assert status.kind is outcome.ticket_kind
    steps = (await stage.reach.timeline(ticket)).steps
    phases = list(dict.fromkeys(step.phase for step in steps))
    assert phases == [
        Phase.RECALL, Phase.TRIAGE, Phase.CONSULT, Phase.REVIEW, Phase.WRITE_BACK, Phase.RECORD,
    ]  # fmt: skip
    assert [step.at for step in steps] == sorted(step.at for step in steps)


async def test_a_ticket_waits_for_the_suites_worker_and_a_redelivery_joins_it(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage:
        first = await stage.intake.submit(question(key="Q-1", delivery_id="d-1"))
        again = await stage.intake.submit(question(key="Q-1", delivery_id="d-1"))
        assert (again.ticket_id, again.run_id) == (first.ticket_id, first.run_id)
        async with stage.worker():
            assert (await stage.result(first.ticket_id)).kind is OutcomeKind.ANSWERED
        assert len(stage.said(first.ticket_id)) == 1
