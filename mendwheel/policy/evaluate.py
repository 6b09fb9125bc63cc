"""The rules at work. The strictest match wins; no match asks; nobody to ask means no."""

from fnmatch import fnmatchcase

from pydantic import BaseModel

from mendwheel.domain.approval import (
    OPERATOR,
    Amendment,
    Approval,
    Authorisation,
    Course,
    Decision,
)
from mendwheel.domain.remedy import Risk
from mendwheel.policy.file import Given, Policy, PolicyError, Rule, When

_STRICTNESS = [Course.ACT, Course.ASK, Course.NEVER]


class Judged(BaseModel):
    """What a policy says about one proposed action."""

    course: Course
    rule: str
    reason: str = ""
    needed: int = 1
    approvers: list[str] = []


def judge(policy: Policy, given: Given) -> Judged:
    """May this run unasked, after a question, or never?"""
    refusal = forbidden(policy, given.tool)
    if refusal:
        return Judged(course=Course.NEVER, rule="tools", reason=refusal)
    matched = [rule for rule in policy.rules if _matches(rule.when, given)]
    default = Rule(name="without a rule, ask", course=Course.ASK)
    rule = max(matched or [default], key=lambda rule: _STRICTNESS.index(rule.course))
    course, name, reason = rule.course, rule.name, rule.reason
    if course is Course.ACT and policy.mode == "shadow":
        course, name, reason = Course.ASK, "shadow", "nothing runs unasked in shadow mode"
    approvers = _approvers(policy, given.component, given.place)
    if course is Course.ASK and not approvers:
        return Judged(course=Course.NEVER, rule=name, reason="the policy names no approvers")
    needed = max([policy.approval.needed, *(match.needed or 1 for match in matched)])
    return Judged(course=course, rule=name, reason=reason, needed=needed, approvers=approvers)


def forbidden(policy: Policy, tool: str) -> str | None:
    """Why `tool` may not run now, whoever said yes; None when it may."""
    if policy.kill_switch:
        return "the kill switch is on"
    if any(fnmatchcase(tool, pattern) for pattern in policy.never_tools):
        return f"{tool} is on the never list"
    if not any(fnmatchcase(tool, pattern) for pattern in policy.allowed_tools):
        return f"{tool} is not on the list of allowed tools"
    return None


def _matches(when: When, given: Given) -> bool:
    return (
        (not when.tool or any(fnmatchcase(given.tool, pattern) for pattern in when.tool))
        and (not when.risk or given.risk in when.risk)
        and (not when.severity or given.severity in when.severity)
        and (not when.component or given.component in when.component)
        and (not when.tenant or given.tenant in when.tenant)
        and (when.suspicious is None or when.suspicious == given.suspicious)
        and (when.confidence_below is None or given.confidence < when.confidence_below)
    )


def members(policy: Policy, names: list[str], owner: str) -> set[str]:
    """The people behind names and `group:NAME`s."""
    people: set[str] = set()
    for name in names:
        group = name.removeprefix("group:")
        people |= set(policy.groups.get(group, [])) if group != name else {name}
    return {person_of(policy, owner if name == "$owner" else name) for name in people}


def person_of(policy: Policy, subject: str) -> str:
    """Who `subject` is: one person may come from Slack, Jira and the command line."""
    for person, identities in policy.people.items():
        if subject in identities:
            return person
    return subject


def identities(policy: Policy, names: list[str], system: str) -> list[str]:
    """How `names` (people, groups, subjects) are known in `system`, as in `slack:U123`."""
    found: list[str] = []
    for person in sorted(members(policy, names, "")):
        found += [
            known
            for known in [person, *policy.people.get(person, [])]
            if known.startswith(f"{system}:")
        ]
    return found


def _approvers(policy: Policy, component: str, place: str) -> list[str]:
    """By component, else by where it was reported, else the default."""
    by = policy.approvers
    return by.get(component) or by.get(place) or by.get("default", [])


def authorise(
    policy: Policy, asked: Approval, decision: Decision | Amendment, *, attested: bool, owner: str
) -> Authorisation:
    """May the author of `decision` decide `asked`, or edit it?

    Read live; the stricter of then and now wins.
    """
    subject = person_of(policy, decision.subject) if attested else OPERATOR

    def answer(allowed: bool, role: str, reason: str = "") -> Authorisation:
        return Authorisation(allowed=allowed, subject=subject, role=role, reason=reason)

    alone = isinstance(decision, Decision) and decision.approved and asked.needed == 1
    if not attested:
        if not policy.operator_decides or asked.risk is Risk.HIGH:
            return answer(False, OPERATOR, "a decision without attestation does not count here")
        if alone and OPERATOR in asked.authors:
            # Two whom nobody vouches for may be one.
            return answer(False, "author", f"{OPERATOR} edited it and cannot approve it alone")
        return answer(True, OPERATOR)
    now = _approvers(policy, asked.component or "", asked.place)
    # Whom a question is escalated to is told that they may decide it, so they may.
    then, today = asked.approvers + asked.escalate_to, now + policy.approval.escalate_to
    allowed = members(policy, then, owner) & members(policy, today, owner)
    if subject not in allowed:
        return answer(False, "nobody", f"{subject} may not decide this")
    if alone:
        if subject == person_of(policy, asked.requester):
            return answer(False, "requester", f"{subject} reported it and cannot approve it alone")
        if subject in {person_of(policy, author) for author in asked.authors}:
            return answer(False, "author", f"{subject} edited it and cannot approve it alone")
    return answer(True, "approver")


def check(policy: Policy) -> Policy:
    """The policy itself, when all of its own tests hold.

    Raises:
        PolicyError: names the test that fails.
    """
    for test in policy.tests:
        said = judge(policy, test.given).course
        if said is not test.expect:
            raise PolicyError(
                f'the policy\'s own test "{test.name}" fails: '
                f"it says {said.value}, the test expects {test.expect.value}"
            )
    return policy
