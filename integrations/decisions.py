"""A person's yes or no, on its way to the workflow that waits for it."""

import asyncio
import uuid
from typing import Any

from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from mendwheel.domain.approval import UNJUDGED, Amendment, Decision, Reply
from mendwheel.integrations.drafts import clean
from mendwheel.integrations.late import decided_by, late
from mendwheel.integrations.reach import (
    DecisionRefused,
    Reach,
    TemporalUnreachable,
    TicketNotFound,
)
from mendwheel.integrations.refused import DECISION, EDIT, write_down
from mendwheel.security.attestation import load_key, sign
from mendwheel.security.redaction import redact
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.workflows.ticket import TicketWorkflow

ACCEPT_WITHIN = 2.0
"""Seconds a decision's sender waits for the worker before it goes as a signal."""

ANSWER_WITHIN = 10.0
"""Seconds the sender of an accepted decision waits to hear whether it counts."""


class Decisions:
    """Sends decisions of people whom an edge has authenticated."""

    def __init__(self, client: Client, stores: Stores, settings: Settings) -> None:
        self._stores = stores
        self._settings = settings
        self._reach = Reach(client, settings)

    async def decide(
        self,
        ticket: str,
        approved: bool,
        *,
        subject: str,
        note: str = "",
        channel: str = "cli",
        request_id: str | None = None,
        decision_id: str | None = None,
    ) -> Reply:
        """Answer the open question as an authenticated person.

        Raises:
            DecisionRefused: it does not count; the message says why.
            TicketNotFound, TemporalUnreachable
        """
        asked = await asyncio.to_thread(self._stores.questions.open, ticket)
        if asked is None or (request_id and request_id != asked.request_id):
            raise await late(
                *(self._stores, self._reach, ticket, request_id), subject=subject, channel=channel
            )
        decision = Decision(
            request_id=asked.request_id,
            approved=approved,
            arguments_sha256=asked.arguments_sha256,
            channel=channel,
            subject=subject,
            decision_id=decision_id or uuid.uuid4().hex,
            note=redact(clean(note))[:500],
        )
        key = await asyncio.to_thread(load_key, self._settings)
        return await self.deliver(ticket, sign(decision, edge=channel, key=key))

    async def deliver(self, ticket: str, decision: Decision) -> Reply:
        """An update whose sender hears the answer; a signal when nobody answers in time."""
        handle = self._reach.handle(ticket)
        try:
            update = await asyncio.wait_for(
                handle.start_update(
                    TicketWorkflow.decide,
                    decision,
                    id=decision.decision_id,
                    wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                ),
                ACCEPT_WITHIN,
            )
            reply = await _answer(update)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            await self._reach.signal(ticket, "decision", decision)
            return Reply(accepted=True, reason="handed over; no worker has taken it in yet")
        except WorkflowUpdateFailedError as error:
            raise await self._refusal(ticket, decision, _reason(error), judged=False) from error
        except (RPCError, RuntimeError) as error:
            explained = self._reach.explain(ticket, error)
            if isinstance(explained, TicketNotFound):
                await self._write_down(ticket, DECISION, decision, "the ticket has ended")
            raise explained from error
        if not reply.accepted:
            judged = reply.reason != UNJUDGED
            raise await self._refusal(ticket, decision, reply.reason, judged=judged)
        return reply

    async def amend(
        self,
        ticket: str,
        arguments: dict[str, Any],
        *,
        subject: str,
        channel: str,
        request_id: str,
        decision_id: str | None = None,
    ) -> Reply:
        """Other arguments for what is asked, from an authenticated person: it is asked anew.

        Raises:
            DecisionRefused: late, not theirs to edit, or arguments that do not fit the tool.
            TicketNotFound, TemporalUnreachable
        """
        amendment = Amendment(
            request_id=request_id,
            arguments=arguments,
            channel=channel,
            subject=subject,
            decision_id=decision_id or uuid.uuid4().hex,
        )
        key = await asyncio.to_thread(load_key, self._settings)
        signed = sign(amendment, edge=channel, key=key)
        try:
            update = await asyncio.wait_for(
                self._reach.handle(ticket).start_update(
                    TicketWorkflow.amend,
                    signed,
                    # The workflow knows a repetition by its decision's id. By the update's id
                    # the server would: it would answer what the first one was answered.
                    id=f"{amendment.decision_id}-{uuid.uuid4().hex[:8]}",
                    wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                ),
                ACCEPT_WITHIN,
            )
            reply = await _answer(update)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            # Nothing is half done: an edit that nobody has taken in is made again by its author.
            raise TemporalUnreachable(f"no worker answers for {ticket}: edit it again") from error
        except WorkflowUpdateFailedError as error:
            await self._write_down(ticket, EDIT, amendment, _reason(error))
            raise DecisionRefused(f"{ticket}: {_reason(error)}") from error
        except (RPCError, RuntimeError) as error:
            raise self._reach.explain(ticket, error) from error
        if not reply.accepted:
            raise DecisionRefused(f"{ticket}: {reply.reason}")
        return reply

    async def _refusal(
        self, ticket: str, decision: Decision, reason: str, *, judged: bool
    ) -> DecisionRefused:
        # What a worker has judged it has kept itself; what its validator refuses nobody else keeps.
        if not judged:
            await self._write_down(ticket, DECISION, decision, reason)
        await asyncio.to_thread(
            self._stores.questions.decided, decision.request_id, decision, False, reason
        )
        by = await asyncio.to_thread(decided_by, self._stores, decision.request_id)
        return DecisionRefused(f"{ticket}: {reason}{by}")

    async def _write_down(
        self, ticket: str, what: str, said: Decision | Amendment, reason: str
    ) -> None:
        await write_down(
            *(self._stores, ticket, what),
            subject=said.subject,
            channel=said.channel,
            reason=reason,
            request=said.request_id,
            decision=said.decision_id,
        )


async def _answer(update: WorkflowUpdateHandle[Reply]) -> Reply:
    """What the ticket makes of an accepted decision; it counts even when nobody waits for that."""
    try:
        return await asyncio.wait_for(update.result(), ANSWER_WITHIN)
    except TimeoutError:
        return Reply(accepted=True, reason="taken in; whether it counts is still being checked")


def _reason(error: WorkflowUpdateFailedError) -> str:
    cause = error.cause
    return cause.message if isinstance(cause, ApplicationError) else str(cause)
