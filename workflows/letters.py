"""Gives an effect up without losing it, and does it again when a person says so."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from mendwheel.contracts.letters import (
    Again,
    GiveUpRequest,
    LettersStub,
    Retried,
    RetriedRequest,
    RetryRequest,
    TakenUp,
)
from mendwheel.contracts.names import RETRY_WORKFLOW
from mendwheel.contracts.presenting import PresentingStub, PresentRequest
from mendwheel.contracts.recording import RecordingStub
from mendwheel.contracts.writing import UNKNOWN, CallingStub, WritingStub
from mendwheel.domain.letter import LetterKind
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.workflows import timeouts
from mendwheel.workflows.local import local
from mendwheel.workflows.shielded import to_the_end

_STEPS = {
    LetterKind.CARD: PresentingStub.present,
    LetterKind.CONCLUSION: PresentingStub.conclude,
    LetterKind.CALL_OUT: PresentingStub.call_out,
}


async def give_up(kind: LetterKind, reason: str, again: Again, *, unknown: bool = False) -> None:
    """Note it where people find it. Whoever gives up goes on, whatever becomes of the note."""
    if workflow.patched("dead-letters"):
        # A ticket that is cancelled just now must not take the note with it.
        await to_the_end(_note(kind, reason, again, unknown))


async def _note(kind: LetterKind, reason: str, again: Again, unknown: bool) -> None:
    request = GiveUpRequest(kind=kind, reason=reason, again=again, unknown=unknown)
    try:
        await local(LettersStub.give_up, request, f"given up: {kind.value}")
    except (ActivityError, ApplicationError) as error:  # of a local activity it may be either
        workflow.logger.error("%s was given up, and not noted: %s", kind.value, error)


@workflow.defn(name=RETRY_WORKFLOW)
class RetryWorkflow:
    """One retry of one dead letter. Its id is the effect's key: two at once are one."""

    @workflow.run
    async def run(self, request: RetryRequest) -> Retried:
        taken = await local(LettersStub.take_up, request, "may it be done again?")
        if taken.refused:
            return Retried(done=False, refused=True, said=taken.refused)
        try:
            receipt = await _repeat(taken)
        except ActivityError as error:
            why = _why(error)
            unknown = taken.kind is LetterKind.TOOL or _unknown(error)
            await give_up(taken.kind, why, taken.again, unknown=unknown)
            return Retried(done=False, said=why)
        if receipt.state is not EffectState.DONE and taken.kind is LetterKind.MESSAGE:
            card = f"{request.key.ticket_id}/0/card/{request.key.target}"
            said = f"there is no card at {request.key.target} to write below: retry {card} first"
            return Retried(done=False, refused=True, said=said)
        done = RetriedRequest(key=request.key, who=request.who, receipt=receipt)
        await local(LettersStub.retried, done, "it is done")
        found = "was there already" if receipt.detail == "found" else "done"
        return Retried(done=True, said=" ".join(filter(None, [found, receipt.reference])))


async def _repeat(taken: TakenUp) -> Receipt:
    again = taken.again
    if again.publish is not None:
        return await workflow.execute_activity_method(
            RecordingStub.publish,
            again.publish,
            start_to_close_timeout=timeouts.EFFECT,
            schedule_to_close_timeout=timeouts.RETRIED,
            retry_policy=timeouts.KEEP_TRYING,
            summary=f"write {again.publish.step} again",
        )
    if again.write is not None and taken.kind is LetterKind.HTTP:
        return await workflow.execute_activity_method(
            CallingStub.call,
            again.write,
            start_to_close_timeout=timeouts.EFFECT,
            schedule_to_close_timeout=timeouts.RETRIED,
            retry_policy=timeouts.KEEP_TRYING,
            summary=f"call {again.write.key.target} again",
        )
    if again.write is not None:
        return await workflow.execute_activity_method(
            WritingStub.write,
            again.write,
            start_to_close_timeout=timeouts.WRITE,
            schedule_to_close_timeout=timeouts.RETRIED,
            retry_policy=timeouts.ONCE,
            summary=f"call {again.write.key.target} again",
        )
    assert again.present is not None, "something is to be done again"
    return await _present(taken.kind, again.present)


async def _present(kind: LetterKind, request: PresentRequest) -> Receipt:
    return await workflow.execute_activity_method(
        _STEPS[kind],
        request,
        start_to_close_timeout=timeouts.EFFECT,
        schedule_to_close_timeout=timeouts.RETRIED,
        retry_policy=timeouts.KEEP_TRYING,
        summary=f"{kind.value} again",
    )


def _unknown(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == UNKNOWN


def _why(error: ActivityError) -> str:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return cause.message
    return f"no answer within {timeouts.RETRIED // timedelta(seconds=1)} s"
