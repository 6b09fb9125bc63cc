"""Every refusal leaves one row in the audit that says who, what and why, whoever refused it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lanternpost.host import state
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from mendwheel.domain.approval import Amendment, Approval, Reply
from mendwheel.integrations.clicks import Clicks
from mendwheel.integrations.reach import IntakeError
from mendwheel.settings import Settings
from mendwheel.workflows.ticket import TicketWorkflow
from tests.workflows.stage import Stage, own_settings, staged, vouched
from tests.workflows.tickets import by_hand, incident


async def asked(stage: Stage, **draft: str) -> tuple[str, Approval]:
    ticket = await stage.submit(incident("leak", **draft))
    approval = (await stage.question(ticket)).approval
    assert approval is not None
    return ticket, approval


def refusals(stage: Stage, ticket: str) -> list[tuple[str, str, str]]:
    """Action, actor and reason of every refusal."""
    rows = stage.stores.audit.read(ticket)
    return [
        (row["action"], row["actor"], row.get("reason", ""))
        for row in rows
        if row["action"].endswith("refused")
    ]


async def refused(stage: Stage, ticket: str, work: Callable[[], Awaitable[Any]]) -> tuple[str, ...]:
    """What is written down of `work`, which is refused in one polite line."""
    before = len(refusals(stage, ticket))
    said: Reply | IntakeError
    try:
        said = await work()
    except IntakeError as error:
        said = error
    reason = said.reason if isinstance(said, Reply) else str(said)
    assert reason
    assert "\n" not in reason
    assert not (isinstance(said, Reply) and said.accepted)
    [row] = refusals(stage, ticket)[before:]
    return row


async def test_each_decision_that_does_not_count_is_written_down_once(stage: Stage) -> None:
    ticket, old = await asked(stage, reporter="ada")
    decide, deliver = stage.decisions.decide, stage.decisions.deliver

    async def row(work: Callable[[], Awaitable[Any]]) -> tuple[str, ...]:
        return await refused(stage, ticket, work)

    assert await row(lambda: decide(ticket, True, subject="mallory")) == (
        *("decision refused", "mallory"),
        "mallory may not decide this",
    )
    assert await row(lambda: decide(ticket, True, subject="ada")) == (
        *("decision refused", "ada"),
        "ada reported it and cannot approve it alone",
    )
    forged = vouched(stage, by_hand(old, "mallory")).model_copy(update={"subject": "grace"})
    assert await row(lambda: deliver(ticket, forged)) == (
        *("decision refused", "temporal-operator"),
        "a decision without attestation does not count here",
    )
    edited = vouched(stage, by_hand(old, "grace", arguments_sha256="0" * 64))
    assert "other arguments" in (await row(lambda: deliver(ticket, edited)))[2]
    await stage.intake.inform(ticket, "mary", "it also happens on the second node")
    await stage.question(ticket, round=2)
    late = vouched(stage, by_hand(old, "grace"))
    assert "older question" in (await row(lambda: deliver(ticket, late)))[2]
    named = decide(ticket, True, subject="grace", request_id=old.request_id)
    assert "nothing waits for this decision" in (await row(lambda: named))[2]
    clicks = Clicks(stage.stores, stage.settings, stage.reach)
    click = clicks.hand_over(old, True, channel="slack", subject="slack:U1", decision_id="c")
    assert (await row(lambda: click))[1] == "slack:U1"
    await decide(ticket, False, subject="grace")
    await stage.result(ticket)
    assert (await row(lambda: decide(ticket, True, subject="grace")))[2].endswith(
        "nothing waits for this decision"
    )
    assert await row(lambda: deliver(ticket, late)) == (
        *("decision refused", "grace"),
        "the ticket has ended",
    )


async def test_a_second_decision_of_one_person_is_written_down_as_refused(stage: Stage) -> None:
    stage.policy(needed=2)
    ticket, _ = await asked(stage)
    await stage.decisions.decide(ticket, True, subject="ada")
    again = await refused(
        stage, ticket, lambda: stage.decisions.decide(ticket, True, subject="ada")
    )
    assert again == ("decision refused", "ada", "ada has decided already")
    await stage.decisions.decide(ticket, False, subject="grace")
    await stage.result(ticket)


async def test_what_is_sent_by_hand_is_refused_by_the_ticket_and_written_down_there(
    stage: Stage,
) -> None:
    """A validator's refusal would leave no trace: no edge of ours has sent it."""
    ticket, approval = await asked(stage)
    old = by_hand(approval, "ada").model_copy(update={"request_id": "another"})
    edit = Amendment(
        request_id="another", arguments={}, channel="temporal", subject="ada", decision_id="e"
    )
    handle = stage.handle(ticket)
    for update, said, action in (
        (TicketWorkflow.decide, old, "decision refused"),
        (TicketWorkflow.amend, edit, "edit refused"),
    ):
        row = await refused(
            stage, ticket, lambda update=update, said=said: handle.execute_update(update, said)
        )
        assert row[:2] == (action, "temporal-operator")
        assert "older question" in row[2]
    assert (await stage.reach.status(ticket)).approval == approval


async def test_each_edit_that_does_not_count_is_written_down_once(stage: Stage) -> None:
    ticket, approval = await asked(stage)

    def edit(subject: str, request_id: str = approval.request_id, **arguments: Any) -> Any:
        return lambda: stage.decisions.amend(
            ticket,
            approval.arguments | arguments,
            subject=subject,
            channel="slack",
            request_id=request_id,
        )

    assert await refused(stage, ticket, edit("mallory", service="other")) == (
        *("edit refused", "mallory"),
        "mallory may not decide this",
    )
    row = await refused(stage, ticket, edit("ada", nonsense="a secret that somebody typed"))
    assert row == (
        *("edit refused", "ada"),
        "the arguments are the same, or do not fit the tool",
    )
    assert "older question" in (await refused(stage, ticket, edit("ada", "another")))[2]
    assert (await stage.reach.status(ticket)).approval == approval


async def test_a_decision_on_an_expired_question_is_written_down(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name, watch_window=7 * 24 * 3600.0)
    async with staged(skipping.client, settings) as stage:
        with skipping.with_time_skipping_disabled():
            ticket, approval = await asked(stage)
        await skipping.fast_forward(stage.handle(ticket), timedelta(minutes=61))
        late = vouched(stage, by_hand(approval, "ada"))
        row = await refused(stage, ticket, lambda: stage.decisions.deliver(ticket, late))
        assert row == ("decision refused", "ada", "nothing waits for a decision on this ticket")


async def test_reporter_and_author_together_are_not_enough(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings) as stage:
        stage.policy(needed=2)
        ticket, first = await asked(stage, reporter="ada")
        other = {
            "service": next(name for name in state.read() if name != first.arguments["service"])
        }
        await stage.decisions.amend(
            ticket, other, subject="grace", channel="cli", request_id=first.request_id
        )
        await stage.until(
            ticket, lambda s: s.approval is not None and s.approval.request_id != first.request_id
        )
        await stage.question(ticket)
        await stage.decisions.decide(ticket, True, subject="ada")
        reply = await stage.decisions.decide(ticket, True, subject="grace")
        assert (reply.accepted, reply.ruling, reply.waiting_for) == (True, None, 1)
        assert "neither reported nor edited" in reply.reason
        await stage.decisions.decide(ticket, True, subject="edsger")
        assert (await stage.result(ticket)).decided_by == ["ada", "grace", "edsger"]
