"""The host's part of the acks bench: remedies that are done at once, and a check that is green.

In the suite's own worker, as a host that adds the plugin to its worker has them.
"""

from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from bench.tickets import remedies
    from mendwheel.domain.remedy import Check, CheckResult, Invocation
    from mendwheel.tools.registry import RemedySpec

REMEDY = "bench.Mend"


@activity.defn(name="bench.mend")
def mend(arguments: dict[str, Any]) -> None:
    """Nothing is broken; that it was asked to once is read from Temporal afterwards."""


@activity.defn(name="bench.healthy")
def healthy(arguments: dict[str, Any]) -> CheckResult:
    return CheckResult(ok=True, detail=f"{arguments['service']} is healthy")


@workflow.defn(name=REMEDY, sandboxed=False)
class Mend:
    """Stands in for the sample host's remedies; outside of the sandbox, whose cost is the SDK's."""

    @workflow.run
    async def run(self, arguments: dict[str, Any]) -> None:
        await workflow.execute_local_activity(
            mend, arguments, start_to_close_timeout=timedelta(seconds=10)
        )


def quick(task_queue: str) -> list[RemedySpec]:
    """The sample host's remedies by name, arguments and risk, done by `Mend`."""
    work = Invocation(name=REMEDY, task_queue=task_queue)
    check = Check(activity=Invocation(name="bench.healthy", task_queue=task_queue))
    return [
        spec.model_copy(update={"workflow": work, "check": check, "undo": None})
        for spec in remedies()
    ]
