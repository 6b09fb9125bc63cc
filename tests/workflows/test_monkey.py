"""Anything said at any moment, in any order: a ticket ends well, and acts no more than allowed."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from mendwheel.contracts.messages import Delivery, Link
from mendwheel.domain.outcome import FactKind, OutcomeFact, OutcomeKind
from mendwheel.integrations.reach import IntakeError
from tests.workflows.stage import Stage, own_settings, staged, vouched
from tests.workflows.tickets import broken, by_hand, incident

STEPS = 14


class Monkey:
    """Does things to one ticket that people and systems may do at any time."""

    def __init__(self, stage: Stage, ticket: str, rng: random.Random) -> None:
        self._stage, self._ticket, self._rng = stage, ticket, rng
        self._number = 0
        self.does: list[Callable[[], Awaitable[object]]] = [
            self.inform, self.reopen, self.observe, self.redeliver, self.link,
            self.forge, self.click, self.click_twice, self.click,
        ]  # fmt: skip

    async def step(self) -> None:
        try:
            await self._rng.choice(self.does)()
        except (IntakeError, RPCError):
            return  # refused politely: that is an answer, too

    async def inform(self) -> None:
        self._number += 1
        await self._stage.intake.inform(self._ticket, "mary", f"detail {self._number}")

    async def reopen(self) -> None:
        await self._stage.intake.reopen(self._ticket, "mary")

    async def observe(self) -> None:
        kind = self._rng.choice([FactKind.THUMBS_UP, FactKind.EDITED])
        number = self._rng.randrange(3)
        fact = OutcomeFact(id=f"f{number}", kind=kind, who="tom", at=datetime.now(UTC))
        await self._stage.handle(self._ticket).signal("observe", fact)

    async def redeliver(self) -> None:
        await self._stage.handle(self._ticket).signal("report", Delivery(delivery_id="again"))

    async def link(self) -> None:
        await self._stage.handle(self._ticket).signal("link", Link(ticket_id="nobody"))

    async def forge(self) -> None:
        asked = (await self._stage.reach.status(self._ticket)).approval
        if asked is not None:
            await self._stage.handle(self._ticket).signal("decision", by_hand(asked, "ada"))

    async def click(self) -> None:
        subject = self._rng.choice(["ada", "grace", "mallory"])
        await self._stage.decisions.decide(self._ticket, True, subject=subject)

    async def click_twice(self) -> None:
        asked = (await self._stage.reach.status(self._ticket)).approval
        if asked is not None:
            decision = vouched(self._stage, by_hand(asked, "grace"))
            for _ in range(2):
                await self._stage.handle(self._ticket).signal("decision", decision)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_said_in_whatever_order_a_ticket_ends_well(
    client: Client, tmp_path: Path, seed: int
) -> None:
    settings = own_settings(tmp_path, f"monkey-{seed}", watch_window=3600.0, rounds=4)
    async with staged(client, settings) as stage:
        ticket = await stage.submit(incident("leak"))
        monkey = Monkey(stage, ticket, random.Random(seed))
        for _ in range(STEPS):
            await monkey.step()
        try:
            await stage.intake.cancel(ticket, "mary")
        except IntakeError:
            assert (await stage.handle(ticket).describe()).status is not None
        outcome = await stage.result(ticket)
        assert outcome.kind is not OutcomeKind.FAILED
        assert await failures(stage, ticket) == []
        latest = stage.stores.outcomes.latest(ticket)
        assert latest is not None
        assert (latest.round, latest.kind) == (outcome.round, outcome.kind)
        assert broken()[1]["restarts"] <= stage.actions(ticket).count("decision taken")
        assert stage.stores.questions.open(ticket) is None
        assert stage.stores.audit.verify() > 0


async def failures(stage: Stage, ticket: str) -> list[str]:
    """Runs that did not end as they should, and workflow tasks that failed on the way."""
    found: list[str] = []
    query = f"WorkflowId = '{ticket}'"
    ended = (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.CONTINUED_AS_NEW)
    async for run in stage.client.list_workflows(query):
        handle = stage.client.get_workflow_handle(ticket, run_id=run.run_id)
        status = (await handle.describe()).status
        if status not in ended:
            found.append(f"{run.run_id} is {status}")
        async for event in handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                cause = event.workflow_task_failed_event_attributes
                # A message that came while a run was ending: the server asks for a second look.
                if "UnhandledCommand" not in str(cause.failure.message):
                    found.append(str(cause)[:300])
    return found
