"""What counts as an answer to an open question while its author is still being looked up."""

import asyncio
from datetime import datetime, timedelta

import pytest
from temporalio import workflow

from mendwheel.domain.approval import Approval, Authorisation, Decision, Reply
from mendwheel.workflows.gate import ApprovalGate
from tests.cards import NOW, asked

EXPIRES = NOW + timedelta(hours=1)
QUESTION = asked(expires_at=EXPIRES, needed=2)


class Desk:
    """A gate with one open question, and a clock that runs on while an author is looked up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        self.takes = timedelta()
        self.overturned: list[str] = []
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
