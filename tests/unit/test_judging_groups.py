"""Whom a question is put to when its approvers are groups that other systems keep."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.activities.judging import Judging
from mendwheel.contracts.judging import AuthoriseRequest, JudgeRequest, Verdict
from mendwheel.domain.approval import Approval, Course, Decision
from mendwheel.domain.diagnosis import DiagnosisNote, Triage
from mendwheel.domain.remedy import Invocation, Remedy, Risk
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Directory
from mendwheel.security.attestation import sign
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.testing.fakes import InMemoryDirectory
from tests import tickets

KEY = b"k" * 32
GROUP = "slack-group:S0OPS"
REMEDY = Remedy(
    tool="restart",
    arguments={},
    arguments_sha256="0" * 64,
    risk=Risk.MEDIUM,
    expected="it is well again",
    workflow=Invocation(name="host.restart", task_queue="host"),
)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "store.db") as stores:
        yield stores


@pytest.fixture
def policy(tmp_path: Path) -> LivePolicy:
    path = tmp_path / "policy.toml"
    path.write_text(f'[approvers]\ndefault = ["{GROUP}"]\n', "utf-8")
    return LivePolicy(path)


def judging(stores: Stores, policy: LivePolicy, directory: Directory | None) -> Judging:
    user = Settings().user
    return Judging(policy, stores.questions, stores.audit, lambda: KEY, user, directory=directory)


def judged(judging: Judging) -> Verdict:
    ticket = tickets.ticket()
    note = DiagnosisNote(ref=ticket.report, stance="cause", headline="h", confidence=0.9)
    return judging.judge(
        JudgeRequest(
            ticket=ticket,
            round=1,
            triage=Triage(kind="anomaly"),
            diagnosis=note,
            remedy=REMEDY,
            now=tickets.NOW,
        )
    )


def decision(asked: Approval, subject: str) -> Decision:
    said = Decision(
        request_id=asked.request_id,
        approved=True,
        arguments_sha256=asked.arguments_sha256,
        channel="slack",
        subject=subject,
        decision_id=f"of-{subject}",
    )
    return sign(said, edge="slack", key=KEY)


def test_a_question_to_a_group_that_nobody_is_in_is_a_no(
    stores: Stores, policy: LivePolicy
) -> None:
    verdict = judged(judging(stores, policy, InMemoryDirectory({GROUP: []})))
    assert (verdict.course, verdict.approval) == (Course.NEVER, None)
    assert verdict.reason == f"there is nobody to ask in {GROUP}"


@pytest.mark.parametrize("directory", [None, InMemoryDirectory({})])
def test_a_group_that_cannot_be_looked_up_is_asked_and_decides_nothing_until_it_can(
    stores: Stores, policy: LivePolicy, directory: Directory | None
) -> None:
    dark = judging(stores, policy, directory)
    asked = judged(dark).approval
    assert asked is not None
    assert asked.approvers == [GROUP]
    request = AuthoriseRequest(
        ticket=tickets.ticket(), approval=asked, decision=decision(asked, "slack:U1")
    )
    refused = dark.authorise(request)
    assert (refused.allowed, refused.again) == (False, True)
    assert stores.audit.read(request.ticket.id)[-1]["reason"] == refused.reason
    bright = judging(stores, policy, InMemoryDirectory({GROUP: ["slack:U1"]}))
    assert bright.authorise(request).allowed
    [(_, accepted, reason)] = stores.questions.decisions(asked.request_id)
    assert (accepted, reason) == (True, "")


def test_what_the_store_keeps_of_a_yes_says_when_somebody_uninvolved_is_still_needed(
    stores: Stores, policy: LivePolicy
) -> None:
    here = judging(stores, policy, InMemoryDirectory({GROUP: ["slack:U1"]}))
    asked = judged(here).approval
    assert asked is not None
    two = asked.model_copy(update={"needed": 2, "requester": "slack:U1"})
    here.authorise(
        AuthoriseRequest(ticket=tickets.ticket(), approval=two, decision=decision(two, "slack:U1"))
    )
    [(_, accepted, reason)] = stores.questions.decisions(asked.request_id)
    assert accepted
    assert "neither reported nor edited" in reason
