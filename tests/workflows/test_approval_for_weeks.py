"""Questions that wait for weeks, over restarts, deploys and changes of policy; days are skipped."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker, WorkerDeploymentConfig

from mendwheel.domain.approval import Approval
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.groups import Groups
from mendwheel.integrations.reach import DecisionRefused
from mendwheel.plugin import MendwheelPlugin
from mendwheel.testing import SlackSide
from tests.workflows.stage import Stage, eventually, own_settings, staged
from tests.workflows.tickets import broken, incident

DAY = 1440.0
"""Minutes, as the policy counts."""

MONTH = {"expires": 30 * DAY, "remind": 7 * DAY}


@asynccontextmanager
async def deployed(stage: Stage, build: str) -> AsyncIterator[None]:
    """A process of its own, as far as it goes: another build id, plugin, house and cache."""
    plugin = MendwheelPlugin(stage.settings, remedies=stage.remedies, strict=True, fresh=True)
    name = f"d-{stage.settings.task_queue[-20:]}"
    version = WorkerDeploymentVersion(deployment_name=name, build_id=build)
    worker = Worker(
        stage.client,
        task_queue=stage.settings.task_queue,
        plugins=[plugin],
        deployment_config=WorkerDeploymentConfig(
            version=version,
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
        ),
    )

    async def current() -> bool:
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace=stage.client.namespace, deployment_name=name, build_id=build
        )
        try:
            await stage.client.workflow_service.set_worker_deployment_current_version(request)
        except RPCError:  # its first poll has not come yet
            return False
        return True

    async with worker:
        await eventually(current)
        yield


async def builds(stage: Stage, ticket: str) -> list[str]:
    """Which builds have worked on the ticket, in order."""
    history = await stage.handle(ticket).fetch_history()
    done = [e.workflow_task_completed_event_attributes for e in history.events]
    named = [each.deployment_version.build_id or "" for each in done]
    return list(dict.fromkeys(each for each in named if each))


async def asked(environment: WorkflowEnvironment, stage: Stage) -> tuple[str, Approval]:
    """A ticket whose question is open; from here on only `days` lets time pass."""
    with environment.with_time_skipping_disabled():
        ticket = await stage.submit(incident("leak"))
    approval = (await stage.question(ticket)).approval
    assert approval is not None
    return ticket, approval


async def pass_days(
    environment: WorkflowEnvironment, stage: Stage, ticket: str, days: float
) -> None:
    await environment.fast_forward(stage.handle(ticket), timedelta(days=days))


def edit_policy(stage: Stage, before: str, after: str) -> None:
    assert stage.settings.policy is not None
    text = stage.settings.policy.read_text("utf-8")
    assert before in text
    stage.settings.policy.write_text(text.replace(before, after), "utf-8")


def forget_groups(stage: Stage) -> None:
    """As a minute does, which does not pass here: the directory keeps real time."""
    directory = stage.plugin.house._groups
    assert isinstance(directory, Groups)
    directory._known.clear()


def heard(stage: Stage, ticket: str, word: str) -> int:
    return sum(word in text for text in stage.said(ticket))


async def test_a_question_waits_a_month_over_a_restart_and_a_deploy_and_is_then_answered(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = own_settings(tmp_path, request.node.name)
    async with staged(skipping.client, settings, working=False) as stage, stage.host():
        stage.policy(**MONTH, escalate=f'escalate_minutes = {10 * DAY}\nescalate_to = ["linus"]')
        async with deployed(stage, "build-1"):
            ticket, approval = await asked(skipping, stage)
            await pass_days(skipping, stage, ticket, 8)
        async with deployed(stage, "build-1"):  # a restart
            await pass_days(skipping, stage, ticket, 4)
        assert heard(stage, ticket, "Still waiting") == 1
        assert heard(stage, ticket, "Nobody has decided") == 1
        async with deployed(stage, "build-2"):  # a deploy
            await pass_days(skipping, stage, ticket, 17)
            assert heard(stage, ticket, "Still waiting") == 3
            assert heard(stage, ticket, "Nobody has decided") == 1
            assert (await stage.question(ticket)).approval == approval
            await stage.decisions.decide(ticket, True, subject="linus")
            outcome = await stage.result(ticket)
        assert (outcome.kind, outcome.decided_by) == (OutcomeKind.FIXED, ["linus"])
        assert broken()[1]["restarts"] == 1
        assert await builds(stage, ticket) == ["build-1", "build-2"]
        assert outcome.started_at is not None
        assert outcome.ended_at is not None
        assert outcome.ended_at - outcome.started_at > timedelta(days=29)


async def test_a_policy_that_has_become_stricter_meanwhile_asks_again_and_needs_more(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with staged(skipping.client, own_settings(tmp_path, request.node.name)) as stage:
        stage.policy(**MONTH)
        ticket, old = await asked(skipping, stage)
        await pass_days(skipping, stage, ticket, 20)
        stage.policy(**MONTH, needed=2)
        await stage.decisions.decide(ticket, True, subject="ada")
        again = await stage.until(
            ticket, lambda s: s.approval is not None and s.approval.request_id != old.request_id
        )
        assert again.approval is not None
        assert (again.approval.needed, again.approval.round) == (2, 1)
        assert broken()[1]["restarts"] == 0
        await stage.question(ticket)
        await pass_days(skipping, stage, ticket, 20)
        assert (await stage.decisions.decide(ticket, True, subject="ada")).waiting_for == 1
        await stage.decisions.decide(ticket, True, subject="grace")
        assert (await stage.result(ticket)).decided_by == ["ada", "grace"]
        assert broken()[1]["restarts"] == 1


async def test_whoever_was_taken_off_the_policy_while_it_waited_is_refused(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with staged(skipping.client, own_settings(tmp_path, request.node.name)) as stage:
        stage.policy(**MONTH)
        ticket, approval = await asked(skipping, stage)
        await pass_days(skipping, stage, ticket, 25)
        edit_policy(stage, '"ada", ', "")
        with pytest.raises(DecisionRefused, match="ada may not decide this"):
            await stage.decisions.decide(ticket, True, subject="ada")
        edit_policy(stage, '"grace"', '"grace", "newcomer"')
        with pytest.raises(DecisionRefused, match="newcomer may not decide this"):
            await stage.decisions.decide(ticket, True, subject="newcomer")
        assert (await stage.reach.status(ticket)).approval == approval
        await pass_days(skipping, stage, ticket, 5)
        outcome = await stage.result(ticket)
        assert "expired: nobody decided in time" in outcome.reason
        assert broken()[1]["restarts"] == 0


async def test_the_kill_switch_stops_what_is_approved_after_weeks(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with staged(skipping.client, own_settings(tmp_path, request.node.name)) as stage:
        stage.policy(**MONTH)
        ticket, _ = await asked(skipping, stage)
        await pass_days(skipping, stage, ticket, 29)
        stage.policy(**MONTH, kill_switch=True)
        await stage.decisions.decide(ticket, True, subject="ada")
        outcome = await stage.result(ticket)
        assert (outcome.kind, outcome.reason) == (
            OutcomeKind.HANDED_OVER,
            "the kill switch is on",
        )
        assert broken()[1]["restarts"] == 0


async def test_a_delegation_counts_until_it_ends_by_the_time_that_has_passed(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with staged(skipping.client, own_settings(tmp_path, request.node.name)) as stage:
        stage.policy(**MONTH, needed=2)
        until = datetime.now(UTC) + timedelta(days=10)
        delegation = f'[[delegations]]\nfrom = "ada"\nto = "linus"\nuntil = {until.isoformat()}\n'
        edit_policy(stage, "[approvers]", f"{delegation}[approvers]")
        ticket, _ = await asked(skipping, stage)
        await pass_days(skipping, stage, ticket, 9)
        assert (await stage.decisions.decide(ticket, True, subject="linus")).waiting_for == 1
        with pytest.raises(DecisionRefused, match="linus has decided already in the stead of ada"):
            await stage.decisions.decide(ticket, True, subject="ada")
        await stage.intake.inform(ticket, "mary", "it also happens on the second node")
        await stage.question(ticket, round=2)
        await pass_days(skipping, stage, ticket, 2)
        with pytest.raises(DecisionRefused, match="linus may not decide this"):
            await stage.decisions.decide(ticket, True, subject="linus")
        await stage.decisions.decide(ticket, True, subject="ada")
        await stage.decisions.decide(ticket, True, subject="grace")
        assert (await stage.result(ticket)).decided_by == ["ada", "grace"]


async def test_whoever_left_the_user_group_while_it_waited_is_refused_and_whoever_is_in_it_is_not(
    skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with SlackSide() as slack:
        slack.space.add_group("S0ONCALL", "oncall", {"U0ALICE", "U0BOB"})
        settings = own_settings(tmp_path, request.node.name).model_copy(
            update={"slack_base_url": slack.base_url, "slack_bot_token": SecretStr(slack.token)}
        )
        async with staged(skipping.client, settings) as stage:
            stage.policy(**MONTH)
            edit_policy(stage, '"ada", "grace", "edsger"', '"slack-group:@oncall"')
            ticket, _ = await asked(skipping, stage)
            await pass_days(skipping, stage, ticket, 21)
            slack.space.add_group("S0ONCALL", "oncall", {"U0BOB"})
            forget_groups(stage)
            slack.fault("usergroups.*", "unavailable")
            with pytest.raises(DecisionRefused, match="could not be looked up: send it again"):
                await stage.decisions.decide(ticket, True, subject="slack:U0BOB")
            with pytest.raises(DecisionRefused, match="slack:U0ALICE may not decide this"):
                await stage.decisions.decide(ticket, True, subject="slack:U0ALICE")
            assert stage.actions(ticket).count("decision refused") == 2
            await stage.decisions.decide(ticket, True, subject="slack:U0BOB")
            assert (await stage.result(ticket)).decided_by == ["slack:U0BOB"]
