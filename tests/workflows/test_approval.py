"""Who may decide what: every way in which a click must not count, and the ways in which it does."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHistory

from mendwheel.activities import judging
from mendwheel.domain.approval import OPERATOR, Approval, Authorisation, Decision
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Phase
from mendwheel.gateway.extractive.engine import ExtractiveEngine
from mendwheel.integrations.reach import DecisionRefused, IntakeError, TicketNotFound
from mendwheel.policy.evaluate import authorise
from mendwheel.policy.file import Policy
from mendwheel.ports import StoreUnavailable
from mendwheel.settings import Settings
from mendwheel.stores.questions import SqliteQuestions
from tests.workflows.stage import Stage, eventually, staged, vouched
from tests.workflows.tickets import broken, by_hand, incident


@pytest.fixture
async def risky(client: Client, settings: Settings) -> AsyncIterator[Stage]:
    """The same remedies, registered as high risk."""
    async with staged(client, settings, risk=Risk.HIGH) as stage:
        yield stage


async def asked(stage: Stage, **draft: str) -> tuple[str, Approval]:
    ticket = await stage.submit(incident("leak", **draft))
    approval = (await stage.question(ticket)).approval
    assert approval is not None
    return ticket, approval


async def send(stage: Stage, ticket: str, decision: Decision) -> None:
    """By signal, and wait until it was looked at."""
    before = stage.actions(ticket)
    await stage.handle(ticket).signal("decision", decision)

    async def audited() -> bool:
        return len(stage.actions(ticket)) > len(before)

    await eventually(audited)


async def test_a_rejection_with_its_reason_is_handed_over_and_nothing_runs(stage: Stage) -> None:
    ticket, _ = await asked(stage)
    await stage.decisions.decide(ticket, False, subject="grace", note="not during the sale")
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.HANDED_OVER
    assert outcome.decided_by == ["grace"]
    assert "rejected by grace: not during the sale" in outcome.reason
    assert "not during the sale" in stage.said(ticket)[-1]
    assert broken()[1]["restarts"] == 0


async def test_somebody_who_is_no_approver_is_refused(stage: Stage) -> None:
    ticket, _ = await asked(stage)
    with pytest.raises(DecisionRefused, match="mallory may not decide this"):
        await stage.decisions.decide(ticket, True, subject="mallory")
    assert (await stage.reach.status(ticket)).approval is not None
    assert "decision refused" in stage.actions(ticket)


async def test_the_requester_cannot_approve_alone_but_may_say_no(stage: Stage) -> None:
    ticket, _ = await asked(stage, reporter="ada")
    with pytest.raises(DecisionRefused, match="cannot approve it alone"):
        await stage.decisions.decide(ticket, True, subject="ada")
    assert (await stage.decisions.decide(ticket, False, subject="ada")).accepted
    assert (await stage.result(ticket)).kind is OutcomeKind.HANDED_OVER


async def test_a_decision_that_arrives_as_update_and_as_signal_counts_once(stage: Stage) -> None:
    stage.policy(needed=2)
    ticket, approval = await asked(stage)
    decision = vouched(stage, by_hand(approval, "ada"))
    first = await stage.decisions.deliver(ticket, decision)
    assert (first.accepted, first.waiting_for, first.ruling) == (True, 1, None)
    await stage.handle(ticket).signal("decision", decision)
    await stage.handle(ticket).signal("decision", decision)
    with pytest.raises(DecisionRefused, match="ada has decided already"):
        await stage.decisions.decide(ticket, True, subject="ada")
    assert broken()[1]["restarts"] == 0
    await stage.decisions.decide(ticket, True, subject="grace")
    assert (await stage.result(ticket)).decided_by == ["ada", "grace"]
    assert broken()[1]["restarts"] == 1


async def test_a_double_click_acts_once(stage: Stage) -> None:
    ticket, approval = await asked(stage)
    decision = vouched(stage, by_hand(approval, "ada"))
    replies = await asyncio.gather(
        stage.decisions.deliver(ticket, decision),
        stage.handle(ticket).signal("decision", decision),
        return_exceptions=True,
    )
    assert not [reply for reply in replies if isinstance(reply, AssertionError)]
    assert (await stage.result(ticket)).kind is OutcomeKind.FIXED
    assert broken()[1]["restarts"] == 1
    assert stage.actions(ticket).count("decision taken") == 1


async def test_the_server_has_a_decision_or_an_edit_before_anything_is_done_for_it(
    stage: Stage,
) -> None:
    ticket, approval = await asked(stage)
    other = {**approval.arguments, "service": "elsewhere"}
    await stage.decisions.amend(
        ticket, other, subject="ada", channel="cli", request_id=approval.request_id
    )
    await stage.until(
        ticket, lambda s: s.approval is not None and s.approval.request_id != approval.request_id
    )
    await stage.decisions.decide(ticket, True, subject="grace")
    history = await stage.handle(ticket).fetch_history()
    for activity in ("mendwheel.amend", "mendwheel.authorise"):
        assert tasks_between_acceptance_and(activity, history) >= 1


def tasks_between_acceptance_and(activity: str, history: WorkflowHistory) -> int:
    """Workflow tasks that ended between an update's acceptance and what a local activity did."""
    tasks: int | None = None
    for event in history.events:
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            tasks = 0
        elif event.HasField("workflow_task_completed_event_attributes") and tasks is not None:
            tasks += 1
        elif activity.encode() in event.marker_recorded_event_attributes.SerializeToString():
            assert tasks is not None
            return tasks
    raise AssertionError(f"{activity} was not run")


async def test_a_late_click_is_refused_politely_and_changes_nothing(stage: Stage) -> None:
    ticket, approval = await asked(stage)
    await stage.decisions.decide(ticket, False, subject="ada")
    outcome = await stage.result(ticket)
    with pytest.raises(IntakeError) as refusal:
        await stage.decisions.decide(ticket, True, subject="grace")
    assert "\n" not in str(refusal.value)
    with pytest.raises(TicketNotFound, match="no running ticket"):
        await stage.decisions.deliver(ticket, vouched(stage, by_hand(approval, "grace")))
    assert stage.stores.outcomes.latest(ticket) == outcome
    assert broken()[1]["restarts"] == 0


async def test_a_settled_question_is_open_nowhere(stage: Stage) -> None:
    ticket, _ = await asked(stage)
    await stage.decisions.decide(ticket, True, subject="ada")
    await stage.result(ticket)
    assert stage.stores.questions.open(ticket) is None


async def test_an_answered_question_waits_no_more_while_the_remedy_runs(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage, stage.worker():
        ticket, _ = await asked(stage)
        await stage.decisions.decide(ticket, True, subject="ada")

        async def closed() -> bool:
            return stage.stores.questions.open(ticket) is None

        await eventually(closed)
        assert stage.stores.outcomes.latest(ticket) is None
        async with stage.host():
            assert (await stage.result(ticket)).kind is OutcomeKind.FIXED


async def test_a_second_vote_of_one_person_is_kept_as_one_that_did_not_count(
    stage: Stage,
) -> None:
    stage.policy(needed=2)
    ticket, approval = await asked(stage)
    await stage.decisions.decide(ticket, True, subject="ada")
    with pytest.raises(DecisionRefused, match=r"ada has decided already$"):
        await stage.decisions.decide(ticket, True, subject="ada")
    kept = stage.stores.questions.decisions(approval.request_id)
    assert [accepted for _, accepted, _ in kept] == [True, False]
    await stage.decisions.decide(ticket, False, subject="grace")
    await stage.result(ticket)


async def test_a_question_that_news_supersede_waits_no_more_while_the_next_round_works(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, _ = await asked(stage)
    released, think = threading.Event(), ExtractiveEngine.think

    def slowly(*given: Any) -> Any:
        released.wait(20)
        return think(*given)

    monkeypatch.setattr(ExtractiveEngine, "think", slowly)

    async def closed() -> bool:
        return stage.stores.questions.open(ticket) is None

    try:
        await stage.intake.inform(ticket, "mary", "it also happens on the second node")
        async with asyncio.timeout(8):
            await eventually(closed)
    finally:
        released.set()
    await stage.question(ticket, round=2)
    await stage.decisions.decide(ticket, False, subject="ada")
    await stage.result(ticket)


async def test_a_late_click_does_not_approve_a_newer_question(stage: Stage) -> None:
    ticket, old = await asked(stage)
    await stage.intake.inform(ticket, "mary", "it also happens on the second node")
    new = (await stage.question(ticket, round=2)).approval
    assert new is not None
    assert new.request_id != old.request_id
    late = vouched(stage, by_hand(old, "ada"))
    with pytest.raises(DecisionRefused, match="older question"):
        await stage.decisions.deliver(ticket, late)
    await send(stage, ticket, late.model_copy(update={"decision_id": "another"}))
    status = await stage.reach.status(ticket)
    assert (status.phase, status.approval) == (Phase.APPROVAL, new)
    assert broken()[1]["restarts"] == 0
    assert stage.actions(ticket)[-1] == "decision refused"


async def test_a_decision_for_edited_arguments_is_refused(stage: Stage) -> None:
    ticket, approval = await asked(stage)
    edited = by_hand(approval, "ada", arguments_sha256="0" * 64)
    with pytest.raises(DecisionRefused, match="other arguments"):
        await stage.decisions.deliver(ticket, vouched(stage, edited))
    assert (await stage.reach.status(ticket)).approval == approval


async def test_a_decision_changed_after_it_was_vouched_for_does_not_count(stage: Stage) -> None:
    ticket, approval = await asked(stage)
    decision = vouched(stage, by_hand(approval, "mallory"))
    with pytest.raises(DecisionRefused, match="without attestation"):
        await stage.decisions.deliver(ticket, decision.model_copy(update={"subject": "ada"}))


async def test_a_decision_sent_by_hand_does_not_count_by_default(stage: Stage) -> None:
    ticket, approval = await asked(stage)
    await send(stage, ticket, by_hand(approval, "ada"))
    assert (await stage.reach.status(ticket)).approval == approval
    last = stage.stores.audit.read(ticket)[-1]
    assert (last["action"], last["actor"]) == ("decision refused", "temporal-operator")


async def test_a_decision_sent_by_hand_counts_where_the_policy_names_operators(
    stage: Stage,
) -> None:
    stage.policy(operator=True)
    ticket, approval = await asked(stage)
    await stage.handle(ticket).signal("decision", by_hand(approval, "ada"))
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.decided_by) == (OutcomeKind.FIXED, ["temporal-operator"])


async def test_nobody_is_two_of_two_once_vouched_for_and_once_by_hand(stage: Stage) -> None:
    stage.policy(operator=True, needed=2)
    ticket, approval = await asked(stage)
    assert (await stage.decisions.decide(ticket, True, subject="ada")).waiting_for == 1
    await send(stage, ticket, by_hand(approval, "ada"))
    last = stage.stores.audit.read(ticket)[-1]
    assert (last["action"], last["actor"]) == ("decision refused", "temporal-operator")
    assert "nobody vouches for who sent this" in last["reason"]
    assert broken()[1]["restarts"] == 0
    await stage.decisions.decide(ticket, True, subject="grace")
    assert (await stage.result(ticket)).decided_by == ["ada", "grace"]


def before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy of the version that counted a yes sent by hand where several must agree."""

    def counted(policy: Policy, asked: Approval, decision: Decision, **known: Any) -> Authorisation:
        by = decision.subject if known["attested"] else OPERATOR
        return Authorisation(allowed=True, subject=by, role="approver")

    monkeypatch.setattr(judging, "authorise", counted)


@pytest.fixture
async def counted_before(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    """A ticket whose yes by hand that version has counted as one of two; it still judges."""
    stage.policy(operator=True, needed=2)
    ticket, approval = await asked(stage)
    before(monkeypatch)
    await send(stage, ticket, by_hand(approval, "ada"))
    return ticket


async def test_a_yes_by_hand_from_before_an_upgrade_is_none_of_several_after_it(
    stage: Stage, counted_before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = counted_before
    assert stage.actions(ticket)[-1] == "decision taken"
    monkeypatch.setattr(judging, "authorise", authorise)  # the upgrade
    assert (await stage.decisions.decide(ticket, True, subject="ada")).waiting_for == 1
    assert broken()[1]["restarts"] == 0
    await stage.decisions.decide(ticket, True, subject="grace")
    assert (await stage.result(ticket)).decided_by == ["ada", "grace"]


async def test_what_was_approved_with_a_yes_by_hand_before_an_upgrade_still_replays(
    stage: Stage, counted_before: str
) -> None:
    await stage.decisions.decide(counted_before, True, subject="ada")
    assert (await stage.result(counted_before)).decided_by == ["temporal-operator", "ada"]
    await stage.replay()


async def test_a_decision_sent_by_hand_never_counts_for_high_risk(risky: Stage) -> None:
    risky.policy(operator=True)
    ticket, approval = await asked(risky)
    await send(risky, ticket, by_hand(approval, "ada"))
    await send(risky, ticket, by_hand(approval, "grace"))
    assert (await risky.reach.status(ticket)).approval == approval
    assert broken()[1]["restarts"] == 0


async def test_high_risk_needs_two_different_people(risky: Stage) -> None:
    ticket, approval = await asked(risky)
    assert approval.needed == 2
    assert (await risky.decisions.decide(ticket, True, subject="ada")).waiting_for == 1
    with pytest.raises(DecisionRefused, match="ada has decided already"):
        await risky.decisions.decide(ticket, True, subject="ada")
    assert broken()[1]["restarts"] == 0
    await risky.decisions.decide(ticket, True, subject="edsger")
    outcome = await risky.result(ticket)
    assert (outcome.kind, outcome.decided_by) == (OutcomeKind.FIXED, ["ada", "edsger"])


async def test_one_no_is_enough_where_two_must_agree(risky: Stage) -> None:
    ticket, _ = await asked(risky)
    await risky.decisions.decide(ticket, True, subject="ada")
    await risky.decisions.decide(ticket, False, subject="grace")
    assert (await risky.result(ticket)).kind is OutcomeKind.HANDED_OVER
    assert broken()[1]["restarts"] == 0


async def test_an_approver_removed_from_the_policy_may_no_longer_decide(stage: Stage) -> None:
    ticket, approval = await asked(stage)
    assert stage.settings.policy is not None
    text = stage.settings.policy.read_text("utf-8").replace('"ada", ', "")
    stage.settings.policy.write_text(text, "utf-8")
    with pytest.raises(DecisionRefused, match="ada may not decide this"):
        await stage.decisions.decide(ticket, True, subject="ada")
    assert (await stage.reach.status(ticket)).approval == approval


async def test_a_malformed_signal_leaves_the_ticket_alone(stage: Stage) -> None:
    ticket, approval = await asked(stage)
    for name in ("decision", "inform", "cancel", "reopen", "observe"):
        await stage.handle(ticket).signal(name, {"no": "such thing"})
    await stage.handle(ticket).signal("no_such_signal", 1)
    assert (await stage.reach.status(ticket)).approval == approval
    await stage.decisions.decide(ticket, True, subject="ada")
    assert (await stage.result(ticket)).kind is OutcomeKind.FIXED


async def test_a_step_that_is_cut_off_and_done_again_is_one_row_of_the_audit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut: list[str] = []

    def once(name: str) -> None:
        through = getattr(SqliteQuestions, name)

        def first(self: SqliteQuestions, *told: Any) -> None:
            if name not in cut:
                cut.append(name)
                raise StoreUnavailable("away for a moment, after the row was written")
            through(self, *told)

        monkeypatch.setattr(SqliteQuestions, name, first)

    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    once("decided")
    once("closed")
    await stage.decisions.decide(ticket, True, subject="ada")
    await stage.result(ticket)

    assert cut == ["decided", "closed"]
    done = stage.actions(ticket)
    assert [done.count(each) for each in ("decision taken", "effect permitted")] == [1, 1]


async def test_a_click_that_no_worker_took_in_before_the_questions_end_changes_nothing(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, working=False) as stage:
        stage.policy(expires=0.1)
        async with stage.worker():
            ticket, approval = await asked(stage)
        click = vouched(stage, by_hand(approval, "ada"))
        await stage.handle(ticket).signal("decision", click)
        await asyncio.sleep((approval.expires_at - datetime.now(UTC)).total_seconds() + 0.5)
        async with stage.worker():
            outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        [refused] = [row for row in stage.stores.audit.read(ticket) if "reason" in row]
        assert (refused["actor"], refused["action"]) == ("ada", "decision refused")
        assert refused["reason"].startswith("the question expired")
