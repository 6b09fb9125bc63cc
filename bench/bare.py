"""What Temporal alone costs for a ticket: the same events of the same size, with empty bodies."""

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
def nothing(arguments: Sequence[RawValue]) -> str:
    """Stands in for every activity, on a thread like ours: so many bytes of nothing."""
    return _filler(int(arguments[0].payload.data))


@workflow.defn(name="bench.bare")
class Bare:
    """Issues a script's commands in order; what ran side by side does so again."""

    @workflow.run
    async def run(self, script: Script) -> str:
        for (kind, _), calls in groupby(script.calls, key=lambda call: (call.kind, call.scheduled)):
            if kind == "local":
                await asyncio.gather(*(self._local(call) for call in calls))
                continue
            for call in calls:
                await self._other(call)
        return _filler(script.result_size)

    async def _local(self, call: Call) -> None:
        await workflow.execute_local_activity(
            call.name, call.result_size, start_to_close_timeout=_TIMEOUT, summary=call.summary
        )

    async def _other(self, call: Call) -> None:
        if call.kind == "activity":
            await workflow.execute_activity(
                call.name,
                args=[call.result_size, _filler(call.input_size)],
                start_to_close_timeout=_TIMEOUT,
                summary=call.summary,
            )
        elif call.kind == "timer":
            await workflow.sleep(call.seconds)
        elif call.kind == "patch":
            workflow.patched(call.name)
        else:
            workflow.upsert_search_attributes(
                [_key(name, value).value_set(value) for name, value in call.values.items()]
            )

    @workflow.signal
    def report(self) -> None:
        """Every start comes with one, as ours do."""


def _filler(size: int) -> str:
    """A text that is `size` bytes long as JSON."""
    return "x" * max(size - 2, 0)


def _key(name: str, value: str | bool) -> SearchAttributeKey[Any]:
    if isinstance(value, bool):
        return SearchAttributeKey.for_bool(name)
    return SearchAttributeKey.for_keyword(name)
