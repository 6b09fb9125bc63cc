"""A client that answers in the suite's own words: not found, unreachable, refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel
from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.contracts.messages import Status, Timeline
from mendwheel.domain.outcome import Outcome
from mendwheel.settings import Settings
from mendwheel.workflows.ticket import TicketWorkflow

Answer = TypeVar("Answer")

QUERY_WITHIN = timedelta(seconds=10)
"""A query waits for a worker; without one it would wait for ever."""


class IntakeError(Exception):
    """A request that cannot be taken; the message names the thing and the way out."""


class TicketNotFound(IntakeError):
    """No such ticket."""


class TicketClosed(IntakeError):
    """The ticket has ended; only a reopen starts its next round. `ticket` is its id."""

    def __init__(self, message: str, ticket: str = "") -> None:
        super().__init__(message)
        self.ticket = ticket


class TemporalUnreachable(IntakeError):
    """The Temporal server does not answer."""


class DecisionRefused(IntakeError):
    """The decision does not count; the reason is the message."""


class Reach:
    """Signals and queries to one ticket's workflow."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self.client = client
        self._settings = settings

    def handle(self, ticket: str) -> WorkflowHandle[TicketWorkflow, Outcome]:
        return self.client.get_workflow_handle_for(TicketWorkflow.run, ticket)

    async def status(self, ticket: str) -> Status:
        """Raises TicketNotFound, TemporalUnreachable."""
        return await self._query(ticket, TicketWorkflow.status)

    async def timeline(self, ticket: str) -> Timeline:
        """Raises TicketNotFound, TemporalUnreachable."""
        return await self._query(ticket, TicketWorkflow.timeline)

    async def _query(self, ticket: str, query: Callable[[TicketWorkflow], Answer]) -> Answer:
        try:
            return await self.handle(ticket).query(query, rpc_timeout=QUERY_WITHIN)
        except (RPCError, RuntimeError) as error:
            raise self.explain(ticket, error) from error
        except WorkflowQueryFailedError as error:
            raise IntakeError(f"{ticket} cannot be asked: {error}") from error

    async def signal(self, ticket: str, name: str, payload: BaseModel) -> None:
        """Raises TicketNotFound, TemporalUnreachable."""
        try:
            await self.handle(ticket).signal(name, payload)
        except (RPCError, RuntimeError) as error:
            raise self.explain(ticket, error) from error

    def explain(self, ticket: str, error: RPCError | RuntimeError) -> IntakeError:
        if isinstance(error, RuntimeError):  # a lazy client connects only now
            return self.unreachable(error)
        if error.status is RPCStatusCode.NOT_FOUND:
            return TicketNotFound(
                f"no running ticket {ticket}: `mendwheel list` shows the known ones"
            )
        if error.status in (RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED):
            # The server took the question; nobody was there to answer it.
            return TemporalUnreachable(
                f"no worker answers for {ticket}: start one with `mendwheel up` or `worker.py`; "
                "the ticket goes on where it was"
            )
        return self.unreachable(error)

    def unreachable(self, error: RPCError | RuntimeError) -> TemporalUnreachable:
        why = error.status.name if isinstance(error, RPCError) else "no connection"
        return TemporalUnreachable(
            f"Temporal at {self._settings.temporal_address} does not answer ({why}): "
            "start it with `mendwheel up`, "
            "or set MENDWHEEL_TEMPORAL_ADDRESS"
        )
