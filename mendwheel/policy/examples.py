"""The policy file's own examples: what it says to them, and whether that is what it should say."""

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from mendwheel.domain.approval import Approval, Authorisation, Course, Decision
from mendwheel.domain.outside import Outside
from mendwheel.policy.evaluate import authorise, deciders, judge
from mendwheel.policy.file import DecisionTest, Policy, PolicyError
from mendwheel.policy.people import outside_groups

ALLOWED = "allowed"
_OWNER = "$owner"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Example(BaseModel):
    """One test of the file, tried."""

    name: str
    passed: bool
    says: str
    expects: str


def tried(policy: Policy) -> list[Example]:
    """All tests of `policy`, in the order of the file."""
    found = []
    for test in policy.tests:
        said = judge(policy, test.given).course
        found.append(_example(test.name, said is test.expect, said.value, test.expect.value))
    for each in policy.decision_tests:
        answer = _decided(policy, each)
        if isinstance(answer, Authorisation):
            said_so = ALLOWED if answer.allowed else answer.reason
            passed = answer.allowed if each.expect == ALLOWED else _refuses(answer, each.expect)
        else:
            said_so, passed = f"nobody is asked: the course is {answer.value}", False
        found.append(_example(each.name, passed, said_so, each.expect))
    return found


def check(policy: Policy) -> Policy:
    """The policy itself, when all of its own tests hold.

    Raises:
        PolicyError: names the test that fails.
    """
    for each in tried(policy):
        if not each.passed:
            raise PolicyError(
                f'the policy\'s own test "{each.name}" fails: '
                f"it says {each.says}, the test expects {each.expects}"
            )
    return policy


def _refuses(answer: Authorisation, words: str) -> bool:
    return not answer.allowed and words.casefold() in answer.reason.casefold()


def _example(name: str, passed: bool, says: str, expects: str) -> Example:
    return Example(name=name, passed=passed, says=says, expects=expects)


def _decided(policy: Policy, test: DecisionTest) -> Authorisation | Course:
    """Whether the word counts, or the course where nobody would be asked."""
    policy = policy.model_copy(update={"delegations": [*policy.delegations, *test.delegations]})
    judged = judge(policy, test.given)
    if judged.course is not Course.ASK and not (test.authors and judged.course is Course.ACT):
        return judged.course
    asked = _question(policy, test, judged.approvers, judged.needed)
    named = outside_groups(policy, [name for names in deciders(policy, asked) for name in names])
    outside = Outside(
        members=test.groups,
        unknown={name: "the test does not say" for name in named if name not in test.groups},
    )
    decision = Decision(
        request_id=asked.request_id,
        approved=test.approved,
        arguments_sha256=asked.arguments_sha256,
        channel="test",
        subject=test.by,
        decision_id="test",
    )
    return authorise(
        policy,
        asked,
        decision,
        attested=test.vouched,
        owner=_OWNER,
        outside=outside,
        now=test.at,
    )


def _question(policy: Policy, test: DecisionTest, approvers: list[str], needed: int) -> Approval:
    given, asking = test.given, policy.approval
    return Approval(
        request_id="test",
        ticket_id="test",
        round=1,
        tool=given.tool,
        arguments_sha256="",
        policy_version=policy.version,
        risk=given.risk,
        component=given.component or None,
        question="",
        code="",
        approvers=approvers,
        needed=needed,
        requester=test.requester,
        asked_at=_LONG_AGO,
        expires_at=_LONG_AGO + timedelta(minutes=asking.expires_minutes),
        escalate_to=asking.escalate_to,
        authors=test.authors,
        place=given.place,
    )
