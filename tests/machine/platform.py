"""What Temporal does for a workflow, by hand and in one process: time, waits, calls, crashes."""

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity, workflow


@dataclass
class Call:
    """Something outside is to be done: an activity by its name, or the host's workflow."""

    name: str
    request: Any
    id: str = ""


@dataclass
class Wait:
    """Until something holds, or a time has come."""

    ready: Callable[[], bool]
    until: datetime | None


class Task:
    """A coroutine of the workflow. It goes on when it is given what it waits for."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work = work
        self.over, self.result = False, None
        self.waits_for: Call | Wait | None = None
        self.give(None)

    def give(self, answer: object) -> None:
        self._advance(lambda: self._work.send(answer))

    def fail(self, error: Exception) -> None:
        self._advance(lambda: self._work.throw(error))

    def drop(self) -> None:
        self._work.close()
        self.over = True

    def _advance(self, go_on: Callable[[], Any]) -> None:
        self.waits_for = None
        try:
            self.waits_for = go_on()
        except StopIteration as end:
            self.over, self.result = True, end.value


class _Suspended:
    def __init__(self, on: Call | Wait) -> None:
        self._on = on

    def __await__(self) -> Generator[Call | Wait, Any, Any]:
        return (yield self._on)


class Platform:
    """Takes the place of `temporalio.workflow`'s functions while a test runs."""

    now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, stand_in in {
            "now": lambda: self.now,
            "wait_condition": self._wait,
            "sleep": self._sleep,
            "execute_local_activity_method": self._activity,
            "execute_activity_method": self._activity,
            "execute_child_workflow": self._child,
            "set_current_details": lambda text: None,
            "patched": lambda name: True,
        }.items():
            monkeypatch.setattr(workflow, name, stand_in)

    async def _wait(
        self,
        ready: Callable[[], bool],
        *,
        timeout: timedelta | float | None = None,  # noqa: ASYNC109 — as the SDK has it
        timeout_summary: str = "",
    ) -> None:
        pause = timeout if isinstance(timeout, timedelta | None) else timedelta(seconds=timeout)
        # The SDK starts the timer whether or not it holds already; it is looked at afterwards.
        if not await _Suspended(Wait(ready, pause and self.now + pause)):
            raise TimeoutError

    async def _sleep(self, pause: timedelta) -> None:
        """A moment in which nothing else happens: the server keeps what was sent."""

    async def _activity(self, method: Any, request: object, **how: object) -> Any:
        return await call(activity_name(method), request)

    async def _child(self, name: str, arguments: object, *, id: str, **how: object) -> Any:
        return await call(name, arguments, id)


async def call(name: str, request: object, id: str = "") -> Any:
    """Wait for the world to do it."""
    return await _Suspended(Call(name, request, id))


def activity_name(method: Callable[..., Any]) -> str:
    return str(activity._Definition.must_from_callable(method).name)
