"""What counts as an answer to an open question while its author is still being looked up."""

import asyncio
from datetime import datetime, timedelta

import pytest
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from mendwheel.contracts.acting import Amended
from mendwheel.domain.approval import (
    Amendment,
    Approval,
    Attestation,
    Authorisation,
    Decision,
    Reply,
    Ruling,
    RulingKind,
)
from mendwheel.domain.outside import AGAIN
from mendwheel.domain.remedy import Invocation, Remedy, Risk
from mendwheel.workflows.gate import ApprovalGate
from tests.cards import NOW, asked

EXPIRES = NOW + timedelta(hours=1)
REMEDY = Remedy(
    tool="widen_pool",
    arguments={},
    arguments_sha256="1" * 64,
    risk=Risk.LOW,
    expected="more room",
    workflow=Invocation(name="host.widen", task_queue="host"),
)
QUESTION = asked(expires_at=EXPIRES, needed=2)


class Desk:
    """A gate with one open question, and a clock that runs on while an author is looked up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        self.takes = timedelta()
        self.overturned: list[str] = []
        self.dark = False
        self.written_down: list[str] = []
        self.gate = ApprovalGate(self._authorise)
        self.gate._asked = QUESTION
        monkeypatch.setattr(workflow, "now", self._clock)

    def _clock(self) -> datetime:
        return self.now

    async def _authorise(
        self, asked: Approval | None, decision: Decision, reason: str, overturn: bool
    ) -> Authorisation:
        self.now += self.takes
        if overturn:
            self.overturned.append(decision.decision_id)
        if self.dark:
            return Authorisation(
                allowed=False, subject=decision.subject, role="nobody", reason=AGAIN, again=True
            )
        return Authorisation(
            allowed=not reason, subject=decision.subject, role="approver", reason=reason
        )

    def decide(self, subject: str, decision_id: str) -> Reply:
        said = Decision(
            request_id=QUESTION.request_id,
            approved=True,
            arguments_sha256=QUESTION.arguments_sha256,
            channel="slack",
            subject=subject,
            decision_id=decision_id,
        )
        return asyncio.run(self.gate.receive(said))

    def edit(self, *, faster: bool = False, amended: Amended | None = None) -> Reply:
        """Ada edits; `faster`: while that is checked, the question is settled."""
        edit = Amendment(
            request_id=QUESTION.request_id,
            arguments={},
            channel="slack",
            subject="ada",
            decision_id="edit",
        )

        async def resolve(asked: Approval, amendment: Amendment) -> Amended:
            if faster:
                self.gate._ruling = Ruling(kind=RulingKind.REJECTED, by=["grace"])
            return amended or Amended(subject="ada", remedy=REMEDY)

        async def refuse(asked: Approval | None, amendment: Amendment, why: str) -> None:
            self.written_down.append(why)

        return asyncio.run(self.gate.amend(edit, resolve, refuse))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def test_a_decision_made_in_time_counts_however_long_its_author_is_looked_up(desk: Desk) -> None:
    desk.now, desk.takes = EXPIRES - timedelta(seconds=1), timedelta(seconds=2)
    assert desk.decide("ada", "one").accepted
    assert desk.overturned == []


def test_a_decision_that_comes_after_the_end_of_the_question_does_not_count(desk: Desk) -> None:
    desk.now = EXPIRES
    reply = desk.decide("ada", "one")
    assert (reply.accepted, "expired" in reply.reason) == (False, True)


def test_a_second_decision_of_one_person_is_overturned_where_it_was_kept(desk: Desk) -> None:
    assert desk.decide("ada", "one").waiting_for == 1
    assert desk.decide("ada", "two").reason == "ada has decided already"
    assert desk.overturned == ["two"]


def test_the_same_decision_again_gets_the_same_answer_and_is_not_judged_again(desk: Desk) -> None:
    assert desk.decide("ada", "one") == desk.decide("ada", "one")
    assert desk.decide("grace", "two").ruling is not None


def test_a_decision_that_could_not_be_judged_may_be_sent_again_as_it_was(desk: Desk) -> None:
    desk.dark = True
    assert desk.decide("ada", "one").reason == AGAIN
    desk.dark = False
    assert desk.decide("ada", "one").accepted


def test_an_edit_that_could_not_be_judged_may_be_sent_again_as_it_was(desk: Desk) -> None:
    assert not desk.edit(amended=Amended(subject="ada", reason=AGAIN, again=True)).accepted
    assert desk.edit().accepted
    assert desk.gate.edited == (REMEDY, "ada")


def test_an_edit_that_comes_after_somebody_was_faster_is_written_down_as_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "patched", lambda _: True)
    reply = desk.edit(faster=True)
    assert (reply.accepted, desk.written_down) == (False, [reply.reason])
    assert desk.gate.edited is None


def test_an_edit_that_nobody_vouches_for_is_written_down_when_it_is_late(desk: Desk) -> None:
    desk.gate._asked = None
    reply = desk.edit()
    assert (reply.accepted, desk.written_down) == (False, [reply.reason])
    assert "nothing waits" in reply.reason


def test_only_what_an_edge_has_signed_is_refused_by_the_validator(desk: Desk) -> None:
    """It leaves no trace: what has no edge that writes it down goes on to the handler."""
    late = Decision(
        request_id="another",
        approved=True,
        arguments_sha256=QUESTION.arguments_sha256,
        channel="ui",
        subject="ada",
        decision_id="late",
    )
    desk.gate.validate(late)
    signed = late.model_copy(update={"attestation": Attestation(edge="cli", key_id="k", mac="m")})
    with pytest.raises(ApplicationError, match="older question"):
        desk.gate.validate(signed)
