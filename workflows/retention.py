"""Forgets the tickets whose time is over; started by a Temporal Schedule."""

from temporalio import workflow

from mendwheel.contracts.names import RETENTION_WORKFLOW
from mendwheel.contracts.retention import RetentionStub
from mendwheel.domain.retention import SweepRequest
from mendwheel.workflows.timeouts import KEEP_TRYING, SWEEP

SWEEPS = 20
"""Of one run: then it goes on as new. Hundreds that are left alone keep no later one waiting."""


@workflow.defn(name=RETENTION_WORKFLOW)
class RetentionWorkflow:
    """Returns how many were forgotten, in its last run."""

    @workflow.run
    async def run(self, request: SweepRequest) -> int:
        forgotten = sweeps = 0
        while True:
            if sweeps == SWEEPS:
                workflow.continue_as_new(request)
            swept = await workflow.execute_activity_method(
                RetentionStub.sweep,
                request,
                start_to_close_timeout=SWEEP,
                retry_policy=KEEP_TRYING,
                summary="tickets whose time is over",
            )
            forgotten += swept.forgotten
            if not swept.more:
                return forgotten
            sweeps += 1
            request = request.model_copy(update={"after": swept.after})
