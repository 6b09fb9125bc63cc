"""Forgets tickets whose time is over, a bounded number at once."""

from collections.abc import Callable

from temporalio import activity
from temporalio.client import Client

from mendwheel.contracts.retention import RetentionStub
from mendwheel.domain.retention import SweepRequest, Swept
from mendwheel.ports import Sweeper

OpenSweeper = Callable[[Client, str], Sweeper]


class Sweeping(RetentionStub):
    """What forgets is built on the worker's own client and queue."""

    def __init__(self, sweeper: OpenSweeper) -> None:
        self._sweeper = sweeper

    @activity.defn(name="mendwheel.sweep")
    async def sweep(self, request: SweepRequest) -> Swept:
        info = activity.info()
        sweeper = self._sweeper(activity.client(), info.task_queue)
        return await sweeper.sweep(request, again=info.attempt > 1)
