"""Other arguments for a remedy that is asked about: who may, and do they fit the tool."""

from collections.abc import Callable

from temporalio import activity

from mendwheel.contracts.acting import Amended, AmendingStub, AmendRequest
from mendwheel.policy.evaluate import authorise
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Audit
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
    ) -> None:
        self._policy = policy
        self._registry = registry
        self._audit = audit
        self._key = key
        self._owner = owner

    @activity.defn(name="mendwheel.amend", no_thread_cancel_exception=True)
    def amend(self, request: AmendRequest) -> Amended:
        asked, amendment = request.approval, request.amendment
        attested = verify(amendment, self._key())
        who = authorise(self._policy.now(), asked, amendment, attested=attested, owner=self._owner)
        amended = self._amended(request) if who.allowed else Amended(subject="", reason=who.reason)
        amended = amended.model_copy(update={"subject": who.subject})
        self._audit.append(
            request.ticket.id,
            "arguments edited" if amended.remedy else "edit refused",
            who.subject,
            {
                "request": amendment.request_id,
                "decision": amendment.decision_id,
                "before": asked.arguments_sha256,
                "after": amended.remedy.arguments_sha256 if amended.remedy else "",
                "channel": amendment.channel,
            },
        )
        return amended

    def _amended(self, request: AmendRequest) -> Amended:
        asked = request.approval
        try:
            remedy = self._registry.resolve(asked.tool, request.amendment.arguments)
        except (UnknownTool, BadArguments) as error:
            return Amended(subject="", reason=str(error))
        if remedy.arguments_sha256 == asked.arguments_sha256:
            return Amended(subject="", reason="these are the arguments that are asked about now")
        return Amended(subject="", remedy=remedy)
