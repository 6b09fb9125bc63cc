"""The ledger's side of a remedy: permitted live, claimed once, receipted."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from mendwheel.activities.elsewhere import ended, started
from mendwheel.activities.once import this_run
from mendwheel.contracts.acting import (
    ANY_POLICY,
    ActingStub,
    ElsewhereRequest,
    FinishRequest,
    FollowRequest,
    Permit,
    PermitRequest,
)
from mendwheel.domain.ids import arguments_digest
from mendwheel.domain.letter import DeadLetter, LetterKind
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.effects.perform import EffectHeld
from mendwheel.policy.evaluate import forbidden
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Audit, Ledger, LedgerConflict, Letters, Questions
from mendwheel.tools.registry import BadArguments, Registry, UnknownTool

CLAIM_LEASE = 2.0
"""Seconds; short, since the remedy's explicit workflow id is what makes it run once."""


class Acting(ActingStub):
    """Never runs a remedy itself: the ticket's workflow does, as a child with an explicit id."""

    def __init__(
        self,
        ledger: Ledger,
        audit: Audit,
        questions: Questions,
        policy: LivePolicy,
        registry: Registry,
        letters: Letters,
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._audit = audit
        self._questions = questions
        self._policy = policy
        self._registry = registry
        self._letters = letters
        self._now = now

    @activity.defn(name="mendwheel.permit", no_thread_cancel_exception=True)
    def permit(self, request: PermitRequest) -> Permit:
        nothing = Receipt(state=EffectState.FRESH)
        policy = self._policy.now()
        refusal = forbidden(policy, request.remedy.tool) or self._unregistered(request)
        if refusal:
            self._note(request, "refused", policy.version)
            return Permit(allowed=False, reason=refusal, receipt=nothing)
        if request.policy_version not in (ANY_POLICY, policy.version):
            return Permit(allowed=False, stale=True, reason="policy changed", receipt=nothing)
        receipt = self._claimed(request)
        if receipt.state is EffectState.HELD:
            raise EffectHeld(request.key)
        self._note(request, "permitted", policy.version)
        asked = self._questions.open(request.ticket.id)
        if asked is not None:
            # Answered, or it would not come to this: nobody is to be told that it still waits.
            self._questions.closed(asked.request_id)
        return Permit(allowed=True, receipt=receipt)

    def _claimed(self, request: PermitRequest) -> Receipt:
        """Raises LedgerConflict, and keeps it where people look for what was not done."""
        sha256 = request.remedy.arguments_sha256
        try:
            return self._ledger.claim(request.key, sha256, CLAIM_LEASE)
        except LedgerConflict as conflict:
            self._letters.add(
                DeadLetter(
                    key=request.key, kind=LetterKind.REMEDY, reason=str(conflict), at=self._now()
                )
            )
            raise

    def _unregistered(self, request: PermitRequest) -> str | None:
        """A remedy of last month may be gone or changed today: then it does not run."""
        remedy = request.remedy
        try:
            today = self._registry.resolve(remedy.tool, remedy.arguments)
        except (UnknownTool, BadArguments) as error:
            return str(error)
        # An undo goes on: what was done already is not left half done because its risk was raised.
        riskier = today.risk is not remedy.risk and request.policy_version != ANY_POLICY
        other = (today.workflow, today.registered) != (remedy.workflow, remedy.registered)
        changed = riskier or other
        if changed or not remedy.matches(today.arguments_sha256):
            return f"{remedy.tool} is registered differently now than when it was proposed"
        return None

    def _note(self, request: PermitRequest, action: str, policy: str) -> None:
        self._audit.append(
            request.ticket.id,
            f"effect {action}",
            "policy",
            {
                "effect": str(request.key),
                "arguments": request.remedy.arguments_sha256,
                "policy": policy,
            },
            once=this_run(),
        )

    @activity.defn(name="mendwheel.finish", no_thread_cancel_exception=True)
    def finish(self, request: FinishRequest) -> None:
        self._ledger.done(request.key, request.receipt)
        self._audit.append(
            request.key.ticket_id,
            "effect done",
            "mendwheel",
            {"effect": str(request.key), "reference": request.receipt.reference},
            once=this_run(),
        )

    @activity.defn(name="mendwheel.elsewhere")
    async def elsewhere(self, request: ElsewhereRequest) -> Receipt:
        """Start a remedy in another namespace once, and wait for its end."""
        done = await asyncio.to_thread(self._known, request)
        if done is not None:
            return done
        return await ended(await started(activity.client(), request))

    def _known(self, request: ElsewhereRequest) -> Receipt | None:
        """Raises ApplicationError, LedgerConflict: not permitted, or with other arguments."""
        key = request.key
        if key not in {entry for entry, _ in self._ledger.entries(key.ticket_id)}:
            raise ApplicationError(f"{key.target} was not permitted", non_retryable=True)
        sha256 = arguments_digest(request.tool, request.arguments)
        claim = self._ledger.claim(key, sha256, CLAIM_LEASE)
        return claim if claim.state is EffectState.DONE else None

    @activity.defn(name="mendwheel.follow")
    async def follow(self, request: FollowRequest) -> Receipt:
        """Wait for a remedy that an earlier run of this ticket started."""
        receipt = await ended(activity.client().get_workflow_handle(request.workflow_id))
        return receipt.model_copy(update={"detail": "found"})
