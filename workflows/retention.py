"""Forgets the tickets whose time is over; started by a Temporal Schedule."""

from temporalio import workflow

from mendwheel.contracts.names import RETENTION_WORKFLOW
from mendwheel.contracts.retention import RetentionStub
from mendwheel.domain.retention import SweepRequest
from mendwheel.workflows.timeouts import KEEP_TRYING, SWEEP

SWEEPS = 20
"""Of one run; what is left is found by the next one."""


@workflow.defn(name=RETENTION_WORKFLOW)
class RetentionWorkflow:
    """Returns how many were forgotten."""

    @workflow.run
    async def run(self, request: SweepRequest) -> int:
        forgotten = 0
        for _ in range(SWEEPS):
            swept = await workflow.execute_activity_method(
                RetentionStub.sweep,
                request,
                start_to_close_timeout=SWEEP,
                retry_policy=KEEP_TRYING,
                summary="tickets whose time is over",
            )
            forgotten += swept.forgotten
            if not swept.more:
                break
            request = request.model_copy(update={"after": swept.after})
        return forgotten
