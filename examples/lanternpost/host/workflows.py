"""The remedies as ordinary workflows of the host. Mendwheel starts them by name."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lanternpost.host.arguments import Release, Restart

TIMEOUT = timedelta(seconds=20)


@workflow.defn(name="lanternpost.RestartService")
class RestartService:
    @workflow.run
    async def run(self, arguments: Restart) -> None:
        await workflow.execute_activity(
            "lanternpost.restart",
            arguments,
            start_to_close_timeout=TIMEOUT,
            summary=f"restart {arguments.service}",
        )


@workflow.defn(name="lanternpost.RollBackRelease")
class RollBackRelease:
    @workflow.run
    async def run(self, arguments: Release) -> None:
        await workflow.execute_activity(
            "lanternpost.deploy",
            arguments,
            start_to_close_timeout=TIMEOUT,
            summary=f"{arguments.service} to {arguments.to_release}",
        )


@workflow.defn(name="lanternpost.RollForward")
class RollForward:
    """Undo of a roll back: the release that was replaced comes back."""

    @workflow.run
    async def run(self, arguments: Release) -> None:
        before = await workflow.execute_activity(
            "lanternpost.replaced",
            Restart(service=arguments.service),
            result_type=str,
            start_to_close_timeout=TIMEOUT,
        )
        if before:
            await workflow.execute_activity(
                "lanternpost.deploy",
                Release(service=arguments.service, to_release=before),
                start_to_close_timeout=TIMEOUT,
                summary=f"{arguments.service} back to {before}",
            )


WORKFLOWS = [RestartService, RollBackRelease, RollForward]
