"""The calls that write to one place: which input, which timeout, which summary."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, RetryState

from mendwheel.contracts.presenting import PresentingStub, PresentRequest
from mendwheel.contracts.recording import PublishRequest, RecordingStub
from mendwheel.domain.approval import Approval
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.remedy import Receipt
from mendwheel.domain.state import TicketState
from mendwheel.domain.ticket import Ticket
from mendwheel.workflows import timeouts

DESK = ""
"""The place of tickets without one: what is written there is in the store, for the command line."""


def refused(error: ActivityError) -> str:
    """Why a place will not have it, for people; empty when it was only away for too long."""
    cause = error.cause
    final = error.retry_state is RetryState.NON_RETRYABLE_FAILURE
    return cause.message if final and isinstance(cause, ApplicationError) else ""


class Telling:
    """The calls themselves. Each raises ActivityError: refused, or away for too long."""

    def __init__(self, ticket: Ticket, state: TicketState) -> None:
        self._ticket = ticket
        self._state = state

    async def publish(
        self,
        step: str,
        place: str,
        *,
        outcome: Outcome | None = None,
        approval: Approval | None = None,
    ) -> Receipt:
        return await workflow.execute_activity_method(
            RecordingStub.publish,
            self.message(step, place, outcome, approval),
            start_to_close_timeout=timeouts.EFFECT,
            # The desk is in the store, which is waited for as long as a disk is full.
            schedule_to_close_timeout=timeouts.PATIENCE if place else None,
            retry_policy=timeouts.KEEP_TRYING,
            summary=f"write {step}",
        )

    def message(
        self, step: str, place: str, outcome: Outcome | None, approval: Approval | None
    ) -> PublishRequest:
        """The same request again, should it have to be."""
        return PublishRequest(
            ticket=self._ticket,
            round=self._state.round,
            step=step,
            outcome=outcome,
            approval=approval,
            triage=self._state.triage,
            place=place,
            dossier=self._state.dossier,
        )

    async def present(self, request: PresentRequest, *, patient: bool) -> Receipt:
        return await workflow.execute_activity_method(
            PresentingStub.present,
            request,
            start_to_close_timeout=timeouts.EFFECT,
            schedule_to_close_timeout=timeouts.PATIENCE if patient else timeouts.UPDATE,
            retry_policy=timeouts.KEEP_TRYING,
            summary=f"card at {request.place}",
        )

    async def conclude(self, request: PresentRequest) -> Receipt:
        return await workflow.execute_activity_method(
            PresentingStub.conclude,
            request,
            start_to_close_timeout=timeouts.EFFECT,
            schedule_to_close_timeout=timeouts.PATIENCE,
            retry_policy=timeouts.KEEP_TRYING,
            summary=f"status at {request.place}",
        )

    async def call_out(self, request: PresentRequest) -> Receipt:
        return await workflow.execute_activity_method(
            PresentingStub.call_out,
            request,
            start_to_close_timeout=timeouts.EFFECT,
            schedule_to_close_timeout=timeouts.PATIENCE,
            retry_policy=timeouts.KEEP_TRYING,
            summary="call who is on call",
        )
