"""Policy read live: may it run, who is asked, does this person's word count."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import chain

from temporalio import activity

from mendwheel.activities.membership import look
from mendwheel.activities.once import this_run
from mendwheel.contracts.judging import AuthoriseRequest, JudgeRequest, JudgingStub, Verdict
from mendwheel.domain.approval import (
    INVOLVED,
    OPERATOR,
    Approval,
    Authorisation,
    Course,
)
from mendwheel.domain.ids import digest
from mendwheel.domain.outside import NoDirectory
from mendwheel.domain.place import Place
from mendwheel.policy.evaluate import Judged, authorise, deciders, judge
from mendwheel.policy.file import Given, Policy
from mendwheel.policy.live import LivePolicy
from mendwheel.policy.people import members
from mendwheel.ports import Audit, Directory, Questions
from mendwheel.security.attestation import verify

_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+-]+")


class Judging(JudgingStub):
    """Holds the policy and the key that edges sign with; neither reaches history."""

    def __init__(
        self,
        policy: LivePolicy,
        questions: Questions,
        audit: Audit,
        key: Callable[[], bytes],
        owner: str,
        directory: Directory | None = None,
    ) -> None:
        self._directory = directory or NoDirectory()
        self._policy = policy
        self._questions = questions
        self._audit = audit
        self._key = key
        self._owner = owner

    @activity.defn(name="mendwheel.judge", no_thread_cancel_exception=True)
    def judge(self, request: JudgeRequest) -> Verdict:
        policy = self._policy.now()
        remedy, triage = request.remedy, request.triage
        judged = judge(
            policy,
            Given(
                tool=remedy.tool,
                risk=remedy.risk,
                severity=triage.severity,
                component=remedy.component or "",
                tenant=request.ticket.tenant,
                place=_group(request.ticket.place),
                suspicious=triage.suspicious,
                confidence=request.diagnosis.confidence,
            ),
        )
        if request.authors and judged.course is Course.ACT:
            # Somebody chose these arguments: somebody else has to agree with them.
            judged = judged.model_copy(update={"course": Course.ASK, "rule": "edited by a person"})
        if remedy.always_asked and judged.course is Course.ACT:
            judged = judged.model_copy(
                update={"course": Course.ASK, "rule": "a person is asked about it, always"}
            )
        judged = self._with_somebody(policy, judged)
        self._audit.append(
            request.ticket.id,
            "judged",
            "policy",
            {
                "tool": remedy.tool,
                "arguments": remedy.arguments_sha256,
                "course": judged.course.value,
                "rule": judged.rule,
                "policy": policy.version,
            },
        )
        asks = judged.course is Course.ASK
        return Verdict(
            course=judged.course,
            rule=judged.rule,
            reason=judged.reason or judged.rule,
            policy_version=policy.version,
            approval=_approval(request, policy, judged) if asks else None,
        )

    def _with_somebody(self, policy: Policy, judged: Judged) -> Judged:
        """With nobody to ask the answer is no. Whom nobody could look up now may be there later."""
        if judged.course is not Course.ASK:
            return judged
        outside = look(self._directory, policy, judged.approvers)
        if members(policy, judged.approvers, self._owner, outside) or outside.unknown:
            return judged
        reason = "the policy names no approvers"
        if judged.approvers:
            reason = f"there is nobody to ask in {', '.join(judged.approvers)}"
        return judged.model_copy(update={"course": Course.NEVER, "reason": reason})

    @activity.defn(name="mendwheel.asked", no_thread_cancel_exception=True)
    def asked(self, approval: Approval) -> None:
        self._questions.asked(approval)

    @activity.defn(name="mendwheel.settled", no_thread_cancel_exception=True)
    def settled(self, request_id: str) -> None:
        self._questions.closed(request_id)

    @activity.defn(name="mendwheel.authorise", no_thread_cancel_exception=True)
    def authorise(self, request: AuthoriseRequest) -> Authorisation:
        answer = self._authorise(request)
        decision = request.decision
        self._audit.append(
            request.ticket.id,
            "decision taken" if answer.allowed else "decision refused",
            answer.subject,
            {
                "request": decision.request_id,
                "decision": decision.decision_id,
                "approved": str(decision.approved).lower(),
                "arguments": decision.arguments_sha256,
                "channel": decision.channel,
                "role": answer.role,
                **({"reason": answer.reason} if answer.reason else {}),
                **({"for": ", ".join(answer.stands_for)} if answer.stands_for else {}),
            },
            once=this_run(),
        )
        self._keep(request, answer)
        return answer

    def _keep(self, request: AuthoriseRequest, answer: Authorisation) -> None:
        """Where edges read what came of it, so that nobody has to wait here for the answer."""
        decision, reason = request.decision, answer.reason
        if answer.allowed and not answer.independent:
            reason = INVOLVED
        if request.overturn:
            self._questions.overturned(decision.request_id, decision.decision_id, reason)
        else:
            self._questions.decided(decision.request_id, decision, answer.allowed, reason)

    def _authorise(self, request: AuthoriseRequest) -> Authorisation:
        asked, decision, objection = request.approval, request.decision, request.objection
        attested = verify(decision, self._key())
        if objection or asked is None:
            reason = objection or "nothing waits for a decision"
            subject = decision.subject if attested else OPERATOR
            return Authorisation(allowed=False, subject=subject, role="late", reason=reason)
        policy = self._policy.now()
        return authorise(
            policy,
            asked,
            decision,
            attested=attested,
            owner=self._owner,
            outside=look(self._directory, policy, chain(*deciders(policy, asked))),
            now=request.now,
        )


def _shown(value: object) -> str:
    """An argument as approvers read it: quoted unless plain, so that it cannot pose as more."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(value, default=str)


def _approval(request: JudgeRequest, policy: Policy, judged: Judged) -> Approval:
    """The question, bound to exact arguments, policy version and round."""
    remedy, asking = request.remedy, policy.approval
    bound = [request.ticket.id, request.round, remedy.arguments_sha256, policy.version]
    # With the time: a round that is taken up again after a terminated run asks anew, and what was
    # said to the question before does not count for it.
    request_id = digest([*bound, request.asked, request.now.isoformat()])[:16]
    arguments = ", ".join(f"{name}={_shown(value)}" for name, value in remedy.arguments.items())
    return Approval(
        request_id=request_id,
        ticket_id=request.ticket.id,
        round=request.round,
        tool=remedy.tool,
        arguments_sha256=remedy.arguments_sha256,
        policy_version=policy.version,
        risk=remedy.risk,
        component=remedy.component,
        question=f"Run {remedy.tool}({arguments})?",
        code=request_id[:6].upper(),
        approvers=judged.approvers,
        needed=judged.needed,
        requester=request.ticket.reporter,
        asked_at=request.now,
        expires_at=request.now + timedelta(minutes=asking.expires_minutes),
        remind_every_seconds=asking.remind_minutes * 60,
        escalate_after_seconds=asking.escalate_minutes * 60 if asking.escalate_minutes else None,
        escalate_to=asking.escalate_to,
        arguments=remedy.arguments,
        authors=request.authors,
        place=_group(request.ticket.place),
        severity=request.triage.severity,
    )


def _group(place: str) -> str:
    """The channel or project that approvers may be named for."""
    return Place.parse(place).group if ":" in place else ""
