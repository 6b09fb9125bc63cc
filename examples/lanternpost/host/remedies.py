"""What Mendwheel may do here. Risk is set by us, never by a model."""

from lanternpost.host.arguments import Release, Restart
from mendwheel.domain.remedy import Check, Invocation, Risk
from mendwheel.tools.registry import RemedySpec

TASK_QUEUE = "lanternpost"

HEALTHY = Check(
    activity=Invocation(name="lanternpost.healthy", task_queue=TASK_QUEUE, timeout_seconds=10),
    attempts=3,
    interval_seconds=1,
)

REMEDIES = [
    RemedySpec(
        name="restart_service",
        description="Restart one service; requests in flight are finished first.",
        arguments=Restart,
        risk=Risk.MEDIUM,
        workflow=Invocation(name="lanternpost.RestartService", task_queue=TASK_QUEUE),
        check=HEALTHY,
        expected="the service is healthy again after its restart",
        sources={"service": "component"},
    ),
    RemedySpec(
        name="roll_back_release",
        description="Put the release of one service back to an earlier one.",
        arguments=Release,
        risk=Risk.MEDIUM,
        workflow=Invocation(name="lanternpost.RollBackRelease", task_queue=TASK_QUEUE),
        check=HEALTHY,
        undo=Invocation(name="lanternpost.RollForward", task_queue=TASK_QUEUE),
        expected="the service is healthy again on the earlier release",
        sources={"service": "component", "to_release": "changes.previous_release"},
    ),
]
