"""The host and its own count, and what is known of each ticket from outside of the suite."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lanternpost.host.arguments import Restart
from lanternpost.host.workflows import RestartService
from temporalio import activity
from temporalio.worker import Worker

from mendwheel.domain.approval import Approval, Reply
from mendwheel.domain.remedy import CheckResult
from mendwheel.security.attestation import load_key
from tests.machine.reference import Said
from tests.workflows.stage import Stage, host_queue


@dataclass(frozen=True)
class Ran:
    """A remedy that the host has run, by its own count."""

    key: str
    arguments: dict[str, Any]
    at: datetime


@dataclass
class Sent:
    """What was sent, as its sender knows it, and what was answered."""

    said: Said
    at: datetime
    edit: dict[str, Any] | None = None
    reply: Reply | None = None


@dataclass
class Story:
    """All that is known of one ticket from outside of the suite."""

    requester: str = "mary"
    shown: list[Approval] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    terminated: bool = False
    told: list[str] = field(default_factory=list)


class World:
    """The host, what it has run, and the stories of all tickets of one stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ran: list[Ran] = []
        self.held: set[str] = set()
        self.stories: dict[str, Story] = defaultdict(Story)
        self.key = load_key(stage.settings)
        keep = stage.stores.questions.asked

        def asked(approval: Approval) -> None:
            shown = self.stories[approval.ticket_id].shown
            if approval.request_id not in [each.request_id for each in shown]:
                shown.append(approval)
            keep(approval)

        stage.stores.questions.asked = asked  # type: ignore[method-assign]

    @activity.defn(name="lanternpost.restart")
    async def restart(self, arguments: Restart) -> None:
        key = activity.info().workflow_id or ""
        self.ran.append(Ran(key, arguments.model_dump(), datetime.now(UTC)))

    @activity.defn(name="lanternpost.healthy")
    async def healthy(self, arguments: Restart) -> CheckResult:
        """Held for tickets that somebody is about to terminate between action and record."""
        while activity.info().workflow_id in self.held:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return CheckResult(ok=True)

    @asynccontextmanager
    async def host(self) -> AsyncIterator[None]:
        async with Worker(
            self.stage.client,
            task_queue=host_queue(self.stage.settings),
            workflows=[RestartService],
            activities=[self.restart, self.healthy],
        ):
            yield

    def runs_of(self, ticket: str) -> list[Ran]:
        return [ran for ran in self.ran if ran.key.startswith(f"{ticket}-r")]


def round_of(ran: Ran, ticket: str) -> int:
    return int(ran.key.removeprefix(f"{ticket}-r").split("-")[0])
