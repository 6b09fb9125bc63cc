"""How the suite's own workers are set up; a host's worker keeps its own options."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from mendwheel.settings import Settings


class WorkerOptions(TypedDict):
    graceful_shutdown_timeout: timedelta
    sticky_queue_schedule_to_start_timeout: timedelta
    max_cached_workflows: int
    max_concurrent_activities: int
    max_concurrent_local_activities: int
    deployment_config: WorkerDeploymentConfig | None


def options(settings: Settings | None = None) -> WorkerOptions:
    """Options for `temporalio.worker.Worker`; versioned where `settings` say so."""
    return WorkerOptions(
        # A shutdown lets running activities finish; 0, the default, cuts them off.
        graceful_shutdown_timeout=timedelta(seconds=15),
        # After a kill, cached tickets react once this has passed; the default is 10 s.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=3),
        # Some 80 KB each; a parked ticket may be evicted, its replay takes milliseconds.
        max_cached_workflows=300,
        max_concurrent_activities=50,
        # CPU-bound and under one interpreter lock: more at once only adds waiting.
        max_concurrent_local_activities=3,
        deployment_config=_release(settings) if settings else None,
    )


def _release(settings: Settings) -> WorkerDeploymentConfig | None:
    """None: a worker that nobody named is one of no deployment, and takes whatever waits.

    The behaviour (ADR 0024) stands here and not at the workflows: the server refuses one that comes
    from a worker without a deployment.
    """
    if settings.worker_deployment is None or settings.worker_build is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.worker_deployment, settings.worker_build),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
