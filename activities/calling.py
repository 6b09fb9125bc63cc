"""Carries remedies out that are HTTP calls: permitted, claimed, looked for, sent, receipted."""

from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from mendwheel.contracts.writing import CHECK, NOT_DONE, UNKNOWN, CallingStub, WriteRequest
from mendwheel.domain.ids import EffectKey, arguments_digest, digest
from mendwheel.domain.remedy import CheckResult, EffectState, Receipt
from mendwheel.effects.perform import LEASE, EffectHeld
from mendwheel.policy.evaluate import forbidden
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Audit, Ledger, PlaceError
from mendwheel.security.redaction import redact
from mendwheel.tools.foreign import NotWritten, OutcomeUnknown
from mendwheel.tools.http_calls import HttpCall, HttpCheck, HttpTargets, TurnedAway
from mendwheel.tools.registry import Registry, UnknownTool

_SHORT = 300


class Calling(CallingStub):
    """Where a call goes is said by the registry of this worker, never by its input."""

    def __init__(
        self,
        targets: HttpTargets,
        registry: Registry,
        ledger: Ledger,
        audit: Audit,
        policy: LivePolicy,
    ) -> None:
        self._targets = targets
        self._registry = registry
        self._ledger = ledger
        self._audit = audit
        self._policy = policy

    @activity.defn(name="mendwheel.call", no_thread_cancel_exception=True)
    def call(self, request: WriteRequest) -> Receipt:
        key, call = request.key, self._registered(request.key)
        digested, ours = self._permitted(request), _call(request.key)
        claim = self._ledger.claim(ours, digested, LEASE)
        if claim.state is EffectState.DONE:
            return claim
        if claim.state is EffectState.HELD:
            raise EffectHeld(ours)
        again = claim.detail == "again"
        if again and self._found(request, call):
            return self._done(key, "found", "http call found")
        # It was permitted before; attempts go on for minutes, and so does a day's policy.
        if why := forbidden(self._policy.now(), key.target):
            raise self._stopped(key, why, unknown=again and call.look is None)
        return self._send(request, call)

    def _stopped(self, key: EffectKey, why: str, *, unknown: bool) -> ApplicationError:
        if not unknown:
            self._ledger.withdraw(_call(key))
            return self._refused(key, why)
        self._ledger.release(_call(key))
        return self._refused(key, f"{why}, and it may have been done before that", UNKNOWN)

    def _send(self, request: WriteRequest, call: HttpCall) -> Receipt:
        key, ours = request.key, _call(request.key)
        try:
            sent = self._targets.send(call, request.arguments, digest(str(key)))
        except NotWritten as error:
            self._ledger.withdraw(ours)
            raise self._refused(key, str(error)) from error
        except TurnedAway as error:
            self._ledger.withdraw(ours)
            raise _away(key, error) from error
        except OutcomeUnknown as error:
            if call.look is None and not call.honours_key:
                raise self._refused(key, str(error), UNKNOWN) from error
            # Not released: what the target still works on cannot be seen yet.
            raise PlaceError(key.target, "unknown", str(error), retryable=True) from error
        short = redact(" ".join(sent.text.split())[:_SHORT])
        return self._done(key, f"{sent.status} {short}".strip(), "http call done")

    def _found(self, request: WriteRequest, call: HttpCall) -> bool:
        """An earlier attempt ended without an answer. False: it may be sent (again)."""
        key = request.key
        if call.look is not None:
            try:
                return self._targets.there(call.look, request.arguments, digest(str(key)))
            except TurnedAway as error:
                self._ledger.release(_call(key))
                raise _away(key, error) from error
        if call.honours_key or request.looked:
            return False
        why = f"{key.target} was called before, and it is not known what came of it"
        raise self._refused(key, why, UNKNOWN)

    def _registered(self, key: EffectKey) -> HttpCall:
        try:
            http = self._registry.get(key.target).over_http
        except UnknownTool as error:
            raise self._refused(key, str(error)) from error
        call = http.undo if key.step == "undo" else http.call
        if call is None:
            raise self._refused(key, f"{key.target} is no HTTP call (any more)")
        return call

    def _permitted(self, request: WriteRequest) -> str:
        """Raises ApplicationError, LedgerConflict: not permitted, or with other arguments."""
        key = request.key
        if key not in {entry for entry, _ in self._ledger.entries(key.ticket_id)}:
            # Somebody started the workflow by hand: nobody was asked.
            raise self._refused(key, f"{key.target} was not permitted")
        digested = arguments_digest(key.target, request.arguments)
        self._ledger.claim(key, digested, LEASE)
        return digested

    def _done(self, key: EffectKey, detail: str, action: str) -> Receipt:
        receipt = Receipt(state=EffectState.DONE, detail=detail, reference=digest(str(key)))
        self._ledger.done(_call(key), receipt)
        self._note(key, action)
        return receipt

    def _refused(self, key: EffectKey, why: str, kind: str = NOT_DONE) -> ApplicationError:
        self._note(key, "http call refused" if kind == NOT_DONE else "http call's end unknown")
        return ApplicationError(redact(why)[:500], type=kind, non_retryable=True)

    def _note(self, key: EffectKey, action: str) -> None:
        self._audit.append(key.ticket_id, action, "mendwheel", {"effect": str(key)})


def http_checks(targets: HttpTargets, registry: Registry) -> list[Callable[..., CheckResult]]:
    """An activity for each remedy that is checked over HTTP."""
    found = [(spec.name, spec.over_http.check) for spec in registry.specs()]
    return [_check(targets, name, check) for name, check in found if check is not None]


def _check(
    targets: HttpTargets, name: str, check: HttpCheck
) -> Callable[[dict[str, Any]], CheckResult]:
    @activity.defn(name=f"{CHECK}.{name}", no_thread_cancel_exception=True)
    def look(arguments: dict[str, Any]) -> CheckResult:
        return targets.check(check, arguments)

    return look


def _call(key: EffectKey) -> EffectKey:
    """The call has an entry of its own: the remedy's is done when its workflow has ended."""
    return key.model_copy(update={"step": f"{key.step}-call"})


def _away(key: EffectKey, error: TurnedAway) -> PlaceError:
    return PlaceError(
        key.target, "turned_away", str(error), retryable=True, retry_after=error.retry_after
    )
