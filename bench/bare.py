"""The least that Temporal could do for a ticket: the same commands, and nothing in them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RawValue, SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from bench.script import Call, Script

QUEUE = "bench-bare"
_TIMEOUT = timedelta(seconds=30)


@activity.defn(dynamic=True)
def nothing(arguments: Sequence[RawValue]) -> None:
    """Stands in for every activity, on a thread like ours."""


@workflow.defn(name="bench.bare")
class Bare:
    """Issues a script's commands in order; what ran side by side does so again."""

    @workflow.run
    async def run(self, script: Script) -> None:
        for (kind, _), calls in groupby(script.calls, key=lambda call: (call.kind, call.scheduled)):
            if kind == "local":
                await asyncio.gather(*(self._local(call) for call in calls))
                continue
            for call in calls:
                await self._other(call)

    async def _local(self, call: Call) -> None:
        await workflow.execute_local_activity(call.name, start_to_close_timeout=_TIMEOUT)

    async def _other(self, call: Call) -> None:
        if call.kind == "activity":
            await workflow.execute_activity(call.name, start_to_close_timeout=_TIMEOUT)
        elif call.kind == "timer":
            await workflow.sleep(call.seconds)
        else:
            workflow.upsert_search_attributes(
                [_key(name, value).value_set(value) for name, value in call.values.items()]
            )

    @workflow.signal
    def report(self) -> None:
        """Every start comes with one, as ours do."""


def _key(name: str, value: str | bool) -> SearchAttributeKey[Any]:
    if isinstance(value, bool):
        return SearchAttributeKey.for_bool(name)
    return SearchAttributeKey.for_keyword(name)
