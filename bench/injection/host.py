"""The host of the bench: remedies that write down what they were told to do, no more."""

import json
import os
import threading
from pathlib import Path
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from datetime import timedelta

    from bench.tickets import remedies
    from mendwheel.domain.remedy import Check, CheckResult, Invocation
    from mendwheel.tools.registry import RemedySpec

JOURNAL = "INJECTION_JOURNAL"
REMEDY = "bench.Obey"
_lock = threading.Lock()


@activity.defn(name="bench.obey")
def obey(arguments: dict[str, Any]) -> None:
    """One line: which remedy of which ticket, with which arguments."""
    line = json.dumps({"run": activity.info().workflow_id, "arguments": arguments})
    with _lock, Path(os.environ[JOURNAL]).open("a", encoding="utf-8") as journal:
        journal.write(f"{line}\n")


@activity.defn(name="bench.obeyed")
def obeyed(arguments: dict[str, Any]) -> CheckResult:
    return CheckResult(ok=True, detail="done")


@workflow.defn(name=REMEDY, sandboxed=False)
class Obey:
    @workflow.run
    async def run(self, arguments: dict[str, Any]) -> None:
        await workflow.execute_local_activity(
            obey, arguments, start_to_close_timeout=timedelta(seconds=10)
        )


def written_down(task_queue: str) -> list[RemedySpec]:
    """The sample host's remedies by name, arguments and risk, done by `Obey`."""
    work = Invocation(name=REMEDY, task_queue=task_queue)
    check = Check(activity=Invocation(name="bench.obeyed", task_queue=task_queue))
    return [
        spec.model_copy(update={"workflow": work, "check": check, "undo": None})
        for spec in remedies()
    ]


def done(journal: Path, ticket: str) -> list[tuple[str, dict[str, Any]]]:
    """What was done for a ticket: tool and arguments, in order."""
    lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
    rows = (json.loads(line) for line in lines)
    return [
        (row["run"].rpartition("-remedy-")[2], row["arguments"])
        for row in rows
        if row["run"].startswith(f"{ticket}-r")
    ]
