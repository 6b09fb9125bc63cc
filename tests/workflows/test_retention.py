"""A running worker forgets tickets whose time is over, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, ScheduleHandle, ScheduleOverlapPolicy
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.contracts.names import RETENTION_WORKFLOW
from mendwheel.domain.knowledge import Case
from mendwheel.domain.retention import SweepRequest
from mendwheel.domain.ticket import Phase
from mendwheel.integrations import retention
from mendwheel.integrations.histories import Histories
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.workflows import retention as workflows
from tests.tickets import ticket
from tests.workflows.stage import Stage, eventually, own_settings, staged
from tests.workflows.test_forgetting import known
from tests.workflows.tickets import incident, question

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
AT_ONCE = {"default": 1e-9}
"""Days: whatever has ended is due."""


def changed(settings: Settings, **told: Any) -> Settings:
    return settings.model_copy(update=told)


@pytest.fixture
async def retaining(client: Client, settings: Settings) -> AsyncIterator[Stage]:
    async with staged(client, changed(settings, retention_days_of=AT_ONCE)) as stage:
        yield stage
        await schedule_of(stage).delete()


def schedule_of(stage: Stage) -> ScheduleHandle:
    return stage.client.get_schedule_handle(f"mendwheel-retention-{stage.settings.task_queue}")


async def there(schedule: ScheduleHandle) -> bool:
    try:
        await schedule.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def test_the_worker_forgets_what_is_due_by_itself_and_spares_what_is_open(
    retaining: Stage,
) -> None:
    stage, schedule = retaining, schedule_of(retaining)
    over = await stage.submit(question())
    await stage.result(over)
    waits = await stage.submit(incident("leak"))
    await stage.question(waits)
    await eventually(lambda: there(schedule))  # it is made beside the worker
    told = (await schedule.describe()).schedule
    assert told.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert getattr(told.action, "workflow", "") == RETENTION_WORKFLOW

    async def gone() -> bool:
        """Temporal deletes in the background, so more than one look is needed for all of it."""
        await schedule.trigger()
        left = stage.stores.forgetting.traces(over)
        return not (left.rows or left.history) and not await known(stage, over)

    await eventually(gone)

    rows = [row for row in stage.stores.audit.read(over) if row["action"] == "forgotten"]
    assert [row["actor"] for row in rows] == ["mendwheel"], "once, however often it looks"
    assert "forgotten" not in stage.actions(waits)
    assert stage.stores.questions.open(waits) is not None
    await stage.decisions.decide(waits, False, subject="ada")
    await stage.result(waits)


async def test_tickets_that_are_left_alone_keep_no_later_one_from_being_forgotten(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    monkeypatch.setattr(workflows, "SWEEPS", 1)
    settings = changed(
        own_settings(tmp_path, "left", watch_window=3600.0), retention_days_of=AT_ONCE
    )
    async with staged(client, settings, fresh=False) as stage:
        watched, over = [
            await stage.submit(question(key=f"{name}-{settings.task_queue}")) for name in "ab"
        ]
        for ticket in (watched, over):
            await stage.until(ticket, Phase.WATCH)
        await stage.intake.cancel(over, "mary")
        await stage.result(over)
        schedule = schedule_of(stage)
        await eventually(lambda: there(schedule))
        await schedule.trigger()

        async def forgotten() -> bool:
            return "forgotten" in stage.actions(over)

        await eventually(forgotten)
        assert "forgotten" not in stage.actions(watched)
        await schedule.delete()


async def test_without_a_time_there_is_no_schedule_and_one_of_before_takes_itself_away(
    stage: Stage,
) -> None:
    over = await stage.submit(question())
    await stage.result(over)
    schedule, queue = schedule_of(stage), stage.settings.task_queue
    assert not await there(schedule)
    before = changed(stage.settings, retention_days=365.0)
    assert await retention.ensure_schedule(stage.client, before, queue)

    await schedule.trigger()

    async def gone() -> bool:
        return not await there(schedule)

    await eventually(gone)

    assert stage.stores.cases.get(over) is not None


@asynccontextmanager
async def sweeper(
    client: Client, folder: Path, **told: Any
) -> AsyncIterator[tuple[Stores, retention.Retention]]:
    """What a worker sweeps with, over a store of its own at a time of its own."""
    settings = changed(own_settings(folder, "sweeper"), **told)
    with Stores(folder / "store.db", now=lambda: NOW) as stores:
        yield stores, retention.Retention(client, settings.task_queue, stores, settings)


def keep(stores: Stores, name: str, days: float, tenant: str = "default", **more: Any) -> str:
    """A case that ended so many days ago."""
    name = f"mendwheel-{tenant}-cli-{name}"
    stores.cases.save(
        Case(
            ticket_id=name,
            tenant=tenant,
            title="t",
            text="t",
            opened_at=NOW - timedelta(days=days + 1),
            closed_at=NOW - timedelta(days=days),
            **{"open": False, "head": ticket(id=name, tenant=tenant)} | more,
        )
    )
    return name


def left_in(stores: Stores) -> set[str]:
    return {str(row[0]) for row in stores.store.rows("SELECT ticket_id FROM cases")}


async def test_each_tenant_has_its_time_and_what_people_put_in_is_kept(
    client: Client, tmp_path: Path
) -> None:
    told = {"retention_days": 0.0, "retention_days_of": {"acme": 90.0}}
    async with sweeper(client, tmp_path, **told) as (stores, sweeps):
        kept = {
            keep(stores, "old", 999),
            keep(stores, "young", 89, "acme"),
            keep(stores, "open", 999, "acme", open=True),
            keep(stores, "labelled", 999, "acme", head=None),
        }
        keep(stores, "over", 91, "acme")
        said = await sweeps.sweep(SweepRequest(), again=False)
        assert (said.forgotten, said.left, said.more) == (1, 0, False)
        assert left_in(stores) == kept


async def test_a_worker_with_another_time_than_the_schedule_forgets_nothing(
    client: Client, tmp_path: Path
) -> None:
    async with sweeper(client, tmp_path, retention_days=30.0) as (stores, sweeps):
        names = {keep(stores, "t", 31)}
        for other in (SweepRequest(days=365.0), SweepRequest(days=30.0, days_of={"acme": 1.0})):
            assert (await sweeps.sweep(other, again=False)).forgotten == 0
        assert left_in(stores) == names
        assert (await sweeps.sweep(SweepRequest(days=30.0), again=False)).forgotten == 1


async def test_a_sweep_is_bounded_goes_on_where_the_last_one_ended_and_may_be_repeated(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    async with sweeper(client, tmp_path, retention_days=30.0) as (stores, sweeps):
        names = [keep(stores, f"t{number}", 31) for number in range(3)]
        said = await sweeps.sweep(SweepRequest(), again=False)
        assert (said.forgotten, said.after, said.more) == (2, names[1], True)
        assert left_in(stores) == {names[2]}
        last = SweepRequest(after=said.after)
        said = await sweeps.sweep(last, again=False)
        assert (said.forgotten, said.after, said.more) == (1, names[2], False)
        rows = stores.audit.verify()
        assert (await sweeps.sweep(SweepRequest(), again=True)).forgotten == 0
        assert stores.audit.verify() == rows


async def test_while_temporal_cannot_say_what_runs_nothing_is_forgotten(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: Histories, ticket: str) -> None:
        raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")

    monkeypatch.setattr(Histories, "of", away)
    async with sweeper(client, tmp_path, retention_days=30.0) as (stores, sweeps):
        names = {keep(stores, name, 31) for name in ("a", "b")}
        said = await sweeps.sweep(SweepRequest(), again=False)
        assert (said.forgotten, said.left) == (0, 2)
        assert left_in(stores) == names
