"""One ticket of a batch, from its line to its row, through the same intake as any other."""

import asyncio

from temporalio.client import Client, WorkflowExecution, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.batch.rows import Row, failed_row, row_of
from mendwheel.batch.tickets import SYSTEM, BatchTicket
from mendwheel.domain.diagnosis import Diagnosis, Stance
from mendwheel.domain.ids import ticket_id
from mendwheel.domain.outcome import Outcome
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import IntakeError, Reach, TemporalUnreachable
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


class Resolver:
    """Submits tickets and reads what came of them from the run's result and the batch's store."""

    def __init__(
        self, client: Client, stores: Stores, settings: Settings, *, recall: bool = False
    ) -> None:
        """`recall`: look past tickets up in the store as well."""
        self._recall = recall
        self._stores = stores
        self._settings = settings
        self._intake = Intake(client, stores, settings)
        self._reach = Reach(client, settings)

    async def resolve(self, ticket: BatchTicket) -> Row:
        """Start the ticket's run, or join the one of an earlier sitting, and wait for its end.

        Raises:
            TemporalUnreachable, RPCError, StoreUnavailable
        """
        workflow_id = ticket_id(self._settings.tenant, SYSTEM, ticket.id)
        handle = self._reach.handle(workflow_id)
        refused = ""
        try:
            await self._intake.submit(ticket.draft(), dry_run=True, recall=self._recall)
        except TemporalUnreachable:
            raise
        except IntakeError as error:
            # Closed already: an earlier sitting was stopped between the run's end and its row.
            refused = str(error)
        try:
            outcome = await handle.result()
            run = await handle.describe()
        except WorkflowFailureError as error:
            run = await handle.describe()
            return failed_row(ticket.id, workflow_id, run.run_id, _one_line(error.cause))
        except RPCError as error:
            if not refused or error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return failed_row(ticket.id, workflow_id, "", refused)
        return await asyncio.to_thread(self._row, ticket, outcome, run)

    def _row(self, ticket: BatchTicket, outcome: Outcome, run: WorkflowExecution) -> Row:
        diagnosis = Diagnosis(stance=Stance.UNKNOWN)
        if outcome.diagnosis is not None:
            text = self._stores.artifacts.get(outcome.diagnosis)
            diagnosis = Diagnosis.model_validate_json(text)
        assert run.close_time is not None, "a run with a result is closed"
        seconds = (run.close_time - run.start_time).total_seconds()
        tokens = self._stores.budgets.spent(outcome.ticket_id)
        return row_of(ticket.id, outcome, diagnosis, seconds, tokens, run.run_id)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(getattr(error, "message", error)).split())
    return f"{type(error).__name__}: {text}"[:300]
