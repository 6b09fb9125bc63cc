"""How the suite's own workers are set up; a host's worker keeps its own options."""

from datetime import timedelta
from typing import TypedDict


class WorkerOptions(TypedDict):
    graceful_shutdown_timeout: timedelta
    sticky_queue_schedule_to_start_timeout: timedelta
    max_cached_workflows: int
    max_concurrent_activities: int
    max_concurrent_local_activities: int


def options() -> WorkerOptions:
    """Options for `temporalio.worker.Worker` (DESIGN §10)."""
    return WorkerOptions(
        # A shutdown lets running activities finish; 0, the default, cuts them off.
        graceful_shutdown_timeout=timedelta(seconds=15),
        # After a kill, cached tickets react once this has passed; the default is 10 s.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=3),
        # 88 KB each; a parked ticket may be evicted, its replay takes milliseconds.
        max_cached_workflows=500,
        max_concurrent_activities=50,
        # CPU-bound and under one interpreter lock: more at once only adds waiting.
        max_concurrent_local_activities=3,
    )
