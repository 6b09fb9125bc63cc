"""Does this person's word count? Read live; the stricter of then and now wins."""

from datetime import UTC, datetime, timedelta

import pytest

from mendwheel.domain.approval import OPERATOR, Amendment, Approval, Decision
from mendwheel.domain.remedy import Risk
from mendwheel.policy.evaluate import authorise
from mendwheel.policy.file import Policy

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
POLICY = Policy(approvers={"default": ["ada", "group:ops"]}, groups={"ops": ["grace", "$owner"]})


def asked(**fields: object) -> Approval:
    return Approval.model_validate(
        {
            "request_id": "r1", "ticket_id": "t", "round": 1, "tool": "restart",
            "arguments_sha256": "a" * 64, "policy_version": "v", "risk": Risk.MEDIUM,
            "question": "Restart?", "code": "AB12CD", "approvers": ["ada", "group:ops"],
            "requester": "mary", "asked_at": NOW, "expires_at": NOW + timedelta(hours=1),
        }
        | fields
    )  # fmt: skip


def says(subject: str, *, approved: bool = True) -> Decision:
    return Decision(
        request_id="r1",
        approved=approved,
        arguments_sha256="a" * 64,
        channel="cli",
        subject=subject,
        decision_id="d1",
    )


def allowed(
    subject: str,
    question: Approval | None = None,
    policy: Policy = POLICY,
    *,
    attested: bool = True,
    approved: bool = True,
) -> tuple[bool, str]:
    answer = authorise(
        policy,
        question or asked(),
        says(subject, approved=approved),
        attested=attested,
        owner="linus",
    )
    return answer.allowed, answer.role


@pytest.mark.parametrize("subject", ["ada", "grace", "linus"])
def test_named_people_members_of_groups_and_the_owner_may_decide(subject: str) -> None:
    assert allowed(subject) == (True, "approver")


@pytest.mark.parametrize("subject", ["mallory", "", "Ada", "group:ops", "$owner", OPERATOR])
def test_nobody_else_may(subject: str) -> None:
    assert allowed(subject) == (False, "nobody")


def test_whoever_left_the_policy_or_came_later_may_not() -> None:
    smaller = POLICY.model_copy(update={"approvers": {"default": ["ada"]}})
    assert allowed("grace", policy=smaller) == (False, "nobody")
    assert allowed("grace", asked(approvers=["ada"])) == (False, "nobody")
    assert allowed("ada", asked(approvers=["ada"]), smaller) == (True, "approver")


def test_a_question_may_be_decided_by_those_it_is_escalated_to() -> None:
    escalating = POLICY.model_copy(deep=True)
    escalating.approval.escalate_to = ["linda"]
    assert allowed("linda", asked(escalate_to=["linda"]), escalating) == (True, "approver")
    assert allowed("linda", asked(escalate_to=["linda"])) == (False, "nobody")
    assert allowed("linda", asked(), escalating) == (False, "nobody")


def test_the_requester_may_not_approve_alone_but_may_say_no_or_be_one_of_two() -> None:
    assert allowed("ada", asked(requester="ada")) == (False, "requester")
    assert allowed("ada", asked(requester="ada"), approved=False) == (True, "approver")
    assert allowed("ada", asked(requester="ada", needed=2)) == (True, "approver")


def test_a_decision_without_attestation_counts_only_where_the_policy_says_so() -> None:
    open_to_operators = POLICY.model_copy(update={"operator_decides": True})
    assert allowed("ada", attested=False) == (False, OPERATOR)
    assert allowed("ada", policy=open_to_operators, attested=False) == (True, OPERATOR)
    high = asked(risk=Risk.HIGH)
    assert allowed("ada", high, open_to_operators, attested=False) == (False, OPERATOR)


def test_arguments_edited_without_attestation_are_not_approved_alone_without_attestation() -> None:
    open_to_operators = POLICY.model_copy(update={"operator_decides": True})
    edited = asked(authors=[OPERATOR])
    assert allowed("ada", edited, open_to_operators, attested=False) == (False, "author")
    assert allowed("ada", edited, open_to_operators) == (True, "approver")
    assert allowed("ada", edited, open_to_operators, attested=False, approved=False)[0]


def test_a_decision_without_attestation_is_never_put_down_to_the_name_in_it() -> None:
    answer = authorise(POLICY, asked(), says("ada"), attested=False, owner="linus")
    assert answer.subject == OPERATOR


def test_a_component_with_approvers_of_its_own_is_decided_by_them() -> None:
    own = POLICY.model_copy(update={"approvers": {"default": ["ada"], "billing": ["grace"]}})
    about = asked(component="billing", approvers=["grace"])
    assert allowed("grace", about, own) == (True, "approver")
    assert allowed("ada", about, own) == (False, "nobody")


def test_one_of_several_must_be_vouched_for_but_anybody_may_say_no() -> None:
    """It may have been one of the others, who would count twice."""
    open_to_operators = POLICY.model_copy(update={"operator_decides": True})
    answer = authorise(
        open_to_operators, asked(needed=2), says("ada"), attested=False, owner="linus"
    )
    assert (answer.allowed, answer.role) == (False, OPERATOR)
    assert answer.reason == (
        "2 must agree, and nobody vouches for who sent this: "
        "say it on the command line, in Slack or in Jira"
    )
    two = asked(needed=2)
    assert allowed("ada", two, open_to_operators, attested=False, approved=False)[0]
    assert allowed("ada", two, open_to_operators) == (True, "approver")


def test_an_edit_is_vouched_for_where_several_must_agree() -> None:
    """Its author could otherwise pass for somebody who has no part in it."""
    open_to_operators = POLICY.model_copy(update={"operator_decides": True})
    edit = Amendment(
        request_id="r1", arguments={}, channel="temporal", subject="ada", decision_id="e1"
    )
    for needed, counts in ((1, True), (2, False)):
        answer = authorise(
            open_to_operators, asked(needed=needed), edit, attested=False, owner="linus"
        )
        assert answer.allowed is counts
