"""The rules at work. The strictest match wins; no match asks; nobody to ask means no."""

from datetime import datetime
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
from mendwheel.domain.outside import AGAIN, Outside
from mendwheel.domain.remedy import Risk
from mendwheel.policy.file import Given, Policy, Rule, When
from mendwheel.policy.people import NOBODY, delegators, flat, members, person_of

_STRICTNESS = [Course.ACT, Course.ASK, Course.NEVER]

_VOUCHED = "say it on the command line, in Slack or in Jira"


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


def _approvers(policy: Policy, component: str, place: str) -> list[str]:
    """By component, else by where it was reported, else the default."""
    by = policy.approvers
    return by.get(component) or by.get(place) or by.get("default", [])


def authorise(
    policy: Policy,
    asked: Approval,
    decision: Decision | Amendment,
    *,
    attested: bool,
    owner: str,
    outside: Outside = NOBODY,
    now: datetime | None = None,
) -> Authorisation:
    """May the author of `decision` decide `asked`, or edit it?

    Read live; the stricter of then and now wins. Without `now` no delegation is in force.
    """
    if not attested:
        return _operator(policy, asked, decision)
    subject = person_of(policy, decision.subject)
    then, today = deciders(policy, asked)
    allowed = members(policy, then, owner, outside) & members(policy, today, owner, outside)
    senders: list[str] = []
    if subject not in allowed:
        component, tool = asked.component or "", asked.tool
        senders = delegators(policy, subject, component=component, tool=tool, now=now)
        senders = [person for person in senders if person in allowed]
        if not senders:
            return _nobody(subject, list(flat(policy, then + today)), outside)
    if not isinstance(decision, Decision) or not decision.approved:
        return Authorisation(allowed=True, subject=subject, role="approver", stands_for=senders)
    counts = _approving(policy, asked, subject, senders)
    return counts.model_copy(update={"vouched": asked.needed > 1})


def deciders(policy: Policy, asked: Approval) -> tuple[list[str], list[str]]:
    """Who might decide when it was asked, and who may under `policy`; only both together may.

    Whom a question is escalated to is told that they may decide it, so they may.
    """
    now = _approvers(policy, asked.component or "", asked.place)
    return asked.approvers + asked.escalate_to, now + policy.approval.escalate_to


def _operator(policy: Policy, asked: Approval, decision: Decision | Amendment) -> Authorisation:
    """Whoever it was: where several must agree, it may have been one of the others."""
    if not policy.operator_decides or asked.risk is Risk.HIGH:
        reason = "a decision without attestation does not count here"
        return Authorisation(allowed=False, subject=OPERATOR, role=OPERATOR, reason=reason)
    if isinstance(decision, Decision) and not decision.approved:
        return Authorisation(allowed=True, subject=OPERATOR, role=OPERATOR)
    if asked.needed > 1:
        # Not an edit either: its author would be uninvolved afterwards.
        reason = f"{asked.needed} must agree, and nobody vouches for who sent this: {_VOUCHED}"
        return Authorisation(allowed=False, subject=OPERATOR, role=OPERATOR, reason=reason)
    if isinstance(decision, Decision) and OPERATOR in asked.authors:
        # Two whom nobody vouches for may be one.
        reason = f"{OPERATOR} edited it and cannot approve it alone"
        return Authorisation(allowed=False, subject=OPERATOR, role="author", reason=reason)
    return Authorisation(allowed=True, subject=OPERATOR, role=OPERATOR)


def _nobody(subject: str, names: list[str], outside: Outside) -> Authorisation:
    dark = [name for name in dict.fromkeys(names) if name in outside.unknown]
    reason = f"{subject} may not decide this"
    if dark:
        reason = f"who is in {' and '.join(dark)} could not be looked up: {AGAIN}"
    return Authorisation(
        allowed=False, subject=subject, role="nobody", reason=reason, again=bool(dark)
    )


def _approving(policy: Policy, asked: Approval, subject: str, senders: list[str]) -> Authorisation:
    """A yes. Whoever reported or edited it never agrees alone, nor does who stands in for them."""
    said = _involved(policy, asked)
    free = [person for person in senders if person not in said]
    stuck = subject if subject in said else "" if free or not senders else senders[0]
    if not stuck:
        return Authorisation(allowed=True, subject=subject, role="approver", stands_for=free)
    role, did = said[stuck]
    if asked.needed > 1:
        return Authorisation(
            allowed=True,
            subject=subject,
            role="approver",
            stands_for=free or senders,
            independent=False,
        )
    who = subject if stuck == subject else f"{subject} stands in for {stuck}, who"
    reason = f"{who} {did} it and cannot approve it alone"
    return Authorisation(allowed=False, subject=subject, role=role, reason=reason)


def _involved(policy: Policy, asked: Approval) -> dict[str, tuple[str, str]]:
    """Who has a part in what is asked: their role, and what they did."""
    authors = {person_of(policy, author): ("author", "edited") for author in asked.authors}
    return authors | {person_of(policy, asked.requester): ("requester", "reported")}
