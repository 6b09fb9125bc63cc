"""Other arguments for a remedy that is asked about: who may, and do they fit the tool."""

from collections.abc import Callable
from itertools import chain

from temporalio import activity

from mendwheel.activities.membership import look
from mendwheel.activities.once import this_run
from mendwheel.contracts.acting import Amended, AmendingStub, AmendRequest
from mendwheel.domain.approval import OPERATOR, Amendment, Approval, Authorisation
from mendwheel.domain.outside import NoDirectory
from mendwheel.policy.evaluate import authorise, deciders
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Audit, Directory
from mendwheel.security.attestation import verify
from mendwheel.tools.registry import BadArguments, Registry, UnknownTool


class Amending(AmendingStub):
    """Whoever may decide may edit; what comes of it is asked anew."""

    def __init__(
        self,
        policy: LivePolicy,
        registry: Registry,
        audit: Audit,
        key: Callable[[], bytes],
        owner: str,
        directory: Directory | None = None,
    ) -> None:
        self._directory = directory or NoDirectory()
        self._policy = policy
        self._registry = registry
        self._audit = audit
        self._key = key
        self._owner = owner

    @activity.defn(name="mendwheel.amend", no_thread_cancel_exception=True)
    def amend(self, request: AmendRequest) -> Amended:
        amendment, who = request.amendment, self._author(request)
        asked = request.approval
        if asked is None or not who.allowed:
            amended, why = Amended(subject="", reason=who.reason, again=who.again), who.reason
        else:
            amended = self._amended(asked, amendment)
            # Not what is wrong with them: that may repeat what somebody wrote.
            why = "" if amended.remedy else "the arguments are the same, or do not fit the tool"
        amended = amended.model_copy(update={"subject": who.subject})
        self._audit.append(
            request.ticket.id,
            "arguments edited" if amended.remedy else "edit refused",
            who.subject,
            {
                "request": amendment.request_id,
                "decision": amendment.decision_id,
                "before": asked.arguments_sha256 if asked else "",
                "after": amended.remedy.arguments_sha256 if amended.remedy else "",
                "channel": amendment.channel,
                **({"reason": why} if why else {}),
            },
            once=this_run(),
        )
        return amended

    def _author(self, request: AmendRequest) -> Authorisation:
        asked, amendment = request.approval, request.amendment
        attested = verify(amendment, self._key())
        if request.objection or asked is None:
            reason = request.objection or "nothing waits for a decision"
            subject = amendment.subject if attested else OPERATOR
            return Authorisation(allowed=False, subject=subject, role="late", reason=reason)
        policy = self._policy.now()
        return authorise(
            policy,
            asked,
            amendment,
            attested=attested,
            owner=self._owner,
            outside=look(self._directory, policy, chain(*deciders(policy, asked))),
            now=request.now,
        )

    def _amended(self, asked: Approval, amendment: Amendment) -> Amended:
        try:
            remedy = self._registry.resolve(asked.tool, amendment.arguments)
        except (UnknownTool, BadArguments) as error:
            return Amended(subject="", reason=str(error))
        if remedy.arguments_sha256 == asked.arguments_sha256:
            return Amended(subject="", reason="these are the arguments that are asked about now")
        return Amended(subject="", remedy=remedy)
