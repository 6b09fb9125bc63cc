"""A Temporal Schedule that is what the settings say, however often they are read."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.converter import with_converter
from mendwheel.integrations.reach import Reach
from mendwheel.settings import Settings


def every(pause: timedelta, action: ScheduleActionStartWorkflow) -> Schedule:
    """One run at a time. Runs that were missed are not made up for: each finds all there is."""
    return Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=pause)]),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)
        ),
    )


async def ensure(client: Client, settings: Settings, name: str, wanted: Schedule | None) -> bool:
    """Make the schedule `name` as `wanted`, or take it away; returns whether there is one now.

    Raises TemporalUnreachable.
    """
    client = with_converter(client)
    handle = client.get_schedule_handle(name)
    try:
        if wanted is None:
            await _delete(client, name)
            return False
        try:
            await client.create_schedule(name, wanted)
        except ScheduleAlreadyRunningError:

            async def same(found: ScheduleUpdateInput) -> ScheduleUpdate:
                # Somebody may have paused it by hand: that stays.
                wanted.state = found.description.schedule.state
                return ScheduleUpdate(wanted)

            await handle.update(same)
    except (RPCError, RuntimeError) as error:  # a lazy client connects only now
        raise Reach(client, settings).unreachable(error) from error
    return True


async def _delete(client: Client, name: str) -> None:
    try:
        await client.get_schedule_handle(name).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
