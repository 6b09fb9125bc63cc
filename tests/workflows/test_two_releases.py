"""Two builds of the worker side by side: who goes on with what, by the CLI of the how-to page."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.cli.temporal_checks import release
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import Phase
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.workers import options
from tests.conftest import BIN
from tests.workflows.stage import Stage, eventually, own_settings, staged
from tests.workflows.tickets import incident, question


class Deployment:
    """What an operator sees and does of the workers of one stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.name = f"d-{os.urandom(4).hex()}"
        self.address = stage.client.service_client.config.target_host

    def settings(self, build: str) -> Settings:
        return self.stage.settings.model_copy(
            update={"worker_deployment": self.name, "worker_build": build}
        )

    @asynccontextmanager
    async def worker(self, build: str) -> AsyncIterator[None]:
        """A worker of `build`, once Temporal knows of it."""
        settings = self.settings(build)
        plugin = MendwheelPlugin(settings, remedies=self.stage.remedies, strict=True)
        async with Worker(
            self.stage.client,
            task_queue=settings.task_queue,
            plugins=[plugin],
            **options(settings),
        ):
            await eventually(lambda: self.serves(build))
            yield

    async def serves(self, build: str) -> bool:
        try:
            known = await self.describe(build)
        except AssertionError:
            return False
        queues = known["taskQueuesInfos"]
        return {each["name"] for each in queues} == {self.stage.settings.task_queue}

    async def describe(self, build: str) -> Any:
        return json.loads(await self.ran("describe-version", *self.of(build), "--output", "json"))

    async def make_current(self, build: str) -> None:
        await self.ran("set-current-version", *self.of(build), "--yes")

    async def ramp(self, build: str, *how: str) -> None:
        await self.ran("set-ramping-version", *self.of(build), "--yes", *how)

    async def override(self, ticket: str, behavior: str, build: str = "") -> None:
        how = "--versioning-override-"
        words = [f"{how}deployment-name", self.name, f"{how}build-id", build] if build else []
        await self.cli(
            "workflow", "update-options", "-w", ticket, f"{how}behavior", behavior, *words
        )

    def of(self, build: str) -> list[str]:
        return ["--deployment-name", self.name, "--build-id", build]

    async def ran(self, *words: str) -> str:
        return await self.cli("worker", "deployment", *words)

    async def cli(self, *words: str) -> str:
        """What the command printed. Raises AssertionError with its error when it failed."""
        process = await asyncio.create_subprocess_exec(
            BIN / "temporal", *words, "--address", self.address,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def builds(self, ticket: str) -> list[str]:
        """The builds that worked on the ticket's last run, in order, each once."""
        history = await self.stage.handle(ticket).fetch_history()
        tasks = [
            event.workflow_task_completed_event_attributes.deployment_version.build_id
            for event in history.events
            if event.HasField("workflow_task_completed_event_attributes")
        ]
        return list(dict.fromkeys(tasks))

    async def watched_by(self, ticket: str) -> str:
        """The build of a run that has said it watches, as soon as its first task has ended."""

        async def known() -> bool:
            return bool(await self.builds(ticket))

        await eventually(known)
        [build] = await self.builds(ticket)
        return build


@pytest.fixture
async def deployment(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Deployment]:
    watched = getattr(request, "param", 0.0)
    settings = own_settings(tmp_path, request.node.name, watch_window=watched)
    async with staged(client, settings, working=False) as stage, stage.host():
        yield Deployment(stage)


async def test_a_parked_ticket_goes_on_under_the_new_build_and_new_ones_start_there(
    deployment: Deployment,
) -> None:
    stage = deployment.stage
    async with deployment.worker("1"):
        await deployment.make_current("1")
        parked = await stage.submit(incident("leak"))
        await stage.question(parked)
        async with deployment.worker("2"):
            between = await stage.submit(question())
            await stage.result(between)
            assert await deployment.builds(between) == ["1"]
            await deployment.make_current("2")
            new = await stage.submit(question())
            await stage.result(new)
            assert await deployment.builds(new) == ["2"]
            await stage.decisions.decide(parked, True, subject="ada")
            assert (await stage.result(parked)).kind is OutcomeKind.FIXED
            assert await deployment.builds(parked) == ["1", "2"]


async def test_the_old_build_may_be_gone_before_its_parked_ticket_goes_on(
    deployment: Deployment,
) -> None:
    stage = deployment.stage
    async with deployment.worker("1"):
        await deployment.make_current("1")
        parked = await stage.submit(incident("leak"))
        await stage.question(parked)
        async with deployment.worker("2"):
            await deployment.make_current("2")
            known = await deployment.describe("1")
            assert known["drainageInfo"]["drainageStatus"] == "draining"
    async with deployment.worker("2"):
        await stage.decisions.decide(parked, True, subject="ada")
        assert (await stage.result(parked)).kind is OutcomeKind.FIXED
        assert await deployment.builds(parked) == ["1", "2"]


async def test_a_rollback_takes_parked_tickets_back_to_the_build_before(
    deployment: Deployment,
) -> None:
    stage = deployment.stage
    async with deployment.worker("1"), deployment.worker("2"):
        await deployment.make_current("2")
        parked = await stage.submit(incident("leak"))
        await stage.question(parked)
        await deployment.make_current("1")
        await stage.decisions.decide(parked, True, subject="ada")
        assert (await stage.result(parked)).kind is OutcomeKind.FIXED
        assert await deployment.builds(parked) == ["2", "1"]


async def test_doctor_says_that_nothing_reaches_a_build_before_one_is_current(
    deployment: Deployment,
) -> None:
    client, settings = deployment.stage.client, deployment.settings("1")
    missing = await release(client, settings)
    assert (missing.state, deployment.name in missing.way_out) == ("fail", True)
    async with deployment.worker("1"):
        waiting = await release(client, settings)
        assert (waiting.state, "tickets wait" in waiting.detail) == ("fail", True)
        await deployment.cli(*waiting.way_out.split()[1:], "--yes")
        current = await release(client, settings)
        assert (current.state, current.detail) == ("ok", f"{deployment.name}: build 1 is current")
        behind = await release(client, deployment.settings("2"))
        assert behind.state == "warn"


async def test_new_tickets_go_to_the_ramping_build_until_the_ramp_is_taken_away(
    deployment: Deployment,
) -> None:
    stage = deployment.stage
    async with deployment.worker("1"), deployment.worker("2"):
        await deployment.make_current("1")
        await deployment.ramp("2", "--percentage", "100")
        ramped = await stage.submit(question())
        await stage.result(ramped)
        await deployment.ramp("2", "--delete")
        back = await stage.submit(question())
        await stage.result(back)
        assert await deployment.builds(ramped) == ["2"]
        assert await deployment.builds(back) == ["1"]


@pytest.mark.parametrize("deployment", [3600.0], indirect=True)
async def test_a_pinned_ticket_stays_with_its_build_over_rounds_until_it_is_let_go(
    deployment: Deployment,
) -> None:
    stage = deployment.stage
    async with deployment.worker("1"), deployment.worker("2"):
        await deployment.make_current("1")
        ticket = await stage.submit(question())
        await stage.until(ticket, Phase.WATCH)
        await deployment.override(ticket, "pinned", "1")
        await deployment.make_current("2")
        await stage.intake.reopen(ticket, "mary")
        await stage.until(ticket, lambda s: s.round == 2 and s.phase is Phase.WATCH)
        assert await deployment.watched_by(ticket) == "1"
        await deployment.override(ticket, "unspecified")
        await stage.intake.reopen(ticket, "mary")
        await stage.until(ticket, lambda s: s.round == 3 and s.phase is Phase.WATCH)
        assert await deployment.watched_by(ticket) == "2"
