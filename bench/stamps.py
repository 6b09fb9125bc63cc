"""Notes when each activity starts, on the worker's own clock, outside of what is measured."""

import json
import time
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class Stamps(Interceptor):
    """One JSON line an activity: ticket, activity type, seconds since the epoch."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Stamping(next, self._path)


class _Stamping(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, path: Path) -> None:
        super().__init__(next)
        self._path = path

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        at, info = time.time(), activity.info()
        stamp = {"ticket": info.workflow_id, "activity": info.activity_type, "at": at}
        with self._path.open("a") as file:
            file.write(json.dumps(stamp) + "\n")
        return await super().execute_activity(input)
