"""Calls a tool that is not ours under an effect that was permitted, once and never again.

Such a call has no key by which its server could tell a second one from the first. So an attempt
whose end is not known is not repeated: a person looks what it did.
"""

from collections.abc import Callable, Iterable
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from mendwheel.contracts.writing import CHECK, NOT_DONE, UNKNOWN, WriteRequest, WritingStub
from mendwheel.domain.ids import EffectKey, arguments_digest
from mendwheel.domain.remedy import CheckResult, EffectState, Receipt
from mendwheel.policy.evaluate import forbidden
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Artifacts, Audit, Cases, Ledger
from mendwheel.security.redaction import redact
from mendwheel.tools.foreign import Failed, ForeignTools, NotWritten, OutcomeUnknown
from mendwheel.tools.summary import summarise

LEASE = 62.0
"""Seconds; longer than the one attempt may take."""
KEPT = 4_000_000
"""Characters of an answer that are kept."""
_QUOTE = 300


class Writing(WritingStub):
    """Holds the tools; which may be called was said by policy and people."""

    def __init__(
        self,
        tools: ForeignTools,
        ledger: Ledger,
        artifacts: Artifacts,
        cases: Cases,
        audit: Audit,
        policy: LivePolicy,
    ) -> None:
        self._tools = tools
        self._ledger = ledger
        self._artifacts = artifacts
        self._cases = cases
        self._audit = audit
        self._policy = policy

    @activity.defn(name="mendwheel.write", no_thread_cancel_exception=True)
    def write(self, request: WriteRequest) -> Receipt:
        key, tool = request.key, request.key.target
        claimed = self._claimed(request)
        if claimed is not None:
            return claimed
        call = _call(key)
        try:
            answer = self._tools.write(tool, request.arguments)
        except NotWritten as error:
            self._ledger.release(call)
            raise self._refused(key, "tool not called", f"nothing was changed: {error}") from error
        except Failed as error:
            raise self._refused(key, "tool failed", str(error)) from error
        except OutcomeUnknown as error:
            raise self._refused(key, "tool's answer lost", str(error), UNKNOWN) from error
        return self._kept(key, answer)

    def _claimed(self, request: WriteRequest) -> Receipt | None:
        """None: go ahead. The receipt when it was done.

        Raises:
            ApplicationError: it was not permitted, or was tried before with an unknown end.
            LedgerConflict: it was permitted with other arguments.
        """
        key = request.key
        known = {entry for entry, _ in self._ledger.entries(key.ticket_id)}
        if key not in known:
            # Somebody started the workflow by hand: nobody was asked.
            raise self._refused(key, "tool refused", f"{key.target} was not permitted")
        # It was permitted before; this may have waited for a worker since.
        if why := forbidden(self._policy.now(), key.target):
            raise self._refused(key, "tool refused", why)
        digest = arguments_digest(key.target, request.arguments)
        self._ledger.claim(key, digest, LEASE)
        claim = self._ledger.claim(_call(key), digest, LEASE)
        if claim.state is EffectState.DONE:
            return claim
        # While an attempt may still be under way, nobody can have looked what came of it.
        if claim.state is EffectState.HELD or (claim.detail and not request.looked):
            why = f"{key.target} was called before, and it is not known what came of it"
            raise self._refused(key, "tool not called again", why, UNKNOWN)
        return None

    def _kept(self, key: EffectKey, answer: str) -> Receipt:
        """The whole answer as an artifact, a little of it in the receipt."""
        text = redact(answer if len(answer) <= KEPT else summarise(answer, KEPT))
        case = self._cases.get(key.ticket_id)
        kept = self._artifacts.put(case.tenant, text, case.ticket_id).sha256 if case else ""
        short = " ".join(text.split())[:_QUOTE]
        receipt = Receipt(state=EffectState.DONE, detail=short, reference=kept)
        self._ledger.done(_call(key), receipt)
        self._note(key, "tool called", {"answer": kept})
        return receipt

    def _refused(
        self, key: EffectKey, action: str, why: str, kind: str = NOT_DONE
    ) -> ApplicationError:
        self._note(key, action, {})
        return ApplicationError(redact(why)[:500], type=kind, non_retryable=True)

    def _note(self, key: EffectKey, action: str, detail: dict[str, str]) -> None:
        self._audit.append(key.ticket_id, action, "mendwheel", {"effect": str(key), **detail})


def checks(
    tools: ForeignTools, names: Iterable[str]
) -> list[Callable[[dict[str, Any]], CheckResult]]:
    """An activity for each tool: all that a check is given are the remedy's arguments."""
    return [_check(tools, name) for name in names]


def _check(tools: ForeignTools, name: str) -> Callable[[dict[str, Any]], CheckResult]:
    @activity.defn(name=f"{CHECK}.{name}", no_thread_cancel_exception=True)
    def check(arguments: dict[str, Any]) -> CheckResult:
        result = tools.check(name, arguments)
        return result.model_copy(update={"detail": redact(result.detail)})

    return check


def _call(key: EffectKey) -> EffectKey:
    """The call has an entry of its own: the remedy's is done when its workflow has ended."""
    return key.model_copy(update={"step": "call"})
