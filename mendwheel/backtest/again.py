"""Decides a past ticket again as it would be today: the same workflow, dry, in a place of its own.

The evidence is that of then. Prompts, models, thresholds, policy and code are those of today.
Nothing is written to the live store, and nothing to any place; models that are set up are asked.
"""

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    Worker,
)

from mendwheel.backtest.then import Decided, Then, decision, said
from mendwheel.contracts.judging import JudgeRequest, Verdict
from mendwheel.domain.evidence import ArtifactRef, Evidence
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.remedy import Remedy
from mendwheel.domain.state import TicketInput
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.embedded import EmbeddedTemporal
from mendwheel.playbooks import SettingsPlaybooks
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.tools.registry import RemedySpec
from mendwheel.workers import options
from mendwheel.workflows.ticket import TicketWorkflow

_READS = ("knowledge", "runbooks", "cases", "exhibits")
_QUEUE = "mendwheel-redecide"


class AsThen:
    """Brings what was there then, whatever is asked."""

    of_the_store = True

    def __init__(self, name: str, items: Sequence[Evidence]) -> None:
        self.name = name
        self._items = items

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]:
        return list(self._items)


class Judged(BaseModel):
    """What policy was asked last, and what it said."""

    remedy: Remedy | None = None
    verdict: Verdict | None = None


async def again(
    past: Then, live: Stores, settings: Settings, remedies: Iterable[RemedySpec] = ()
) -> Decided:
    """What today's playbook and policy make of `past`.

    Raises:
        EmbeddedUnavailable: Temporal does not start.
        StoreUnavailable
    """
    with tempfile.TemporaryDirectory(prefix="mendwheel-redecide-") as folder:
        home = Path(folder)
        # Places of its own: no board is set up, so that nobody could be told by mistake.
        own = settings.model_copy(
            update={
                "home": home,
                "store": home / "mendwheel.db",
                "task_queue": _QUEUE,
                "slack_bot_token": None,
                "jira_base_url": None,
                "oncall_url": None,
            }
        )
        await asyncio.to_thread(_fill, past, live, own)
        return await _decide(past, own, remedies)


async def _decide(past: Then, own: Settings, remedies: Iterable[RemedySpec]) -> Decided:
    listening = _Listening()
    plugin = MendwheelPlugin(
        own,
        remedies=remedies,
        reads=[AsThen(name, past.evidence(name)) for name in _READS],
        strict=True,
        interceptors=[listening],
    )
    async with EmbeddedTemporal(own.home, ui=False, port=0) as server:
        client = await Client.connect(server.address, data_converter=pydantic_data_converter)
        worker = Worker(client, task_queue=_QUEUE, plugins=[plugin], **options())
        async with worker:
            outcome: Outcome = await client.execute_workflow(
                TicketWorkflow.run,
                TicketInput(ticket=past.ticket, dry_run=True, recall=True),
                id=past.ticket.id,
                task_queue=_QUEUE,
            )
            says = await asyncio.to_thread(said, plugin.house.stores, outcome, [])
    judged = listening.judged
    return decision(
        outcome,
        says,
        course=judged.verdict.course.value if judged.verdict else "",
        arguments=judged.remedy.arguments if judged.remedy else None,
        prompts=SettingsPlaybooks(own).resolve(past.ticket.id).prompts,
    )


def _fill(past: Then, live: Stores, own: Settings) -> None:
    """What the run will read: the ticket's texts, past tickets that it cited, what was labelled."""
    ticket, report = past.ticket, past.report
    refs = [each.artifact for each in report.attachments]
    refs += [each.artifact for each in past.dossier.evidence if each.artifact is not None]
    with Stores(own.store_path) as stores:
        for ref in (ticket.report, *refs):
            _copy(ref, live, stores, ticket.id)
        cases = [live.cases.get(name) for name in dict.fromkeys(past.cited_cases())]
        labelled = [
            case for case in live.cases.list(ticket.tenant, limit=100_000) if case.head is None
        ]
        for case in (*labelled, *(case for case in cases if case is not None)):
            if case.ticket_id != ticket.id:
                stores.cases.save(case)


def _copy(ref: ArtifactRef, live: Stores, stores: Stores, ticket: str) -> None:
    try:
        stores.artifacts.put(ref.tenant, live.artifacts.get(ref), ticket)
    except LookupError:
        # Read later in this place too, and then it counts as forgotten.
        return


class _Listening(Interceptor):
    """Hears which remedy policy was asked about: an outcome keeps only its arguments' digest."""

    def __init__(self) -> None:
        self.judged = Judged()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Hearing(next, self)


class _Hearing(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, listening: _Listening) -> None:
        super().__init__(next)
        self._listening = listening

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        result = await super().execute_activity(input)
        if isinstance(result, Verdict) and isinstance(input.args[0], JudgeRequest):
            self._listening.judged = Judged(remedy=input.args[0].remedy, verdict=result)
        return result
