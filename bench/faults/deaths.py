"""Kills a process exactly where a plan says, and writes down which and where first.

One file arms kills for all processes of a world. Whoever comes to a boundary that is in it takes
the file away, so that each arming kills once, and leaves a record before the signal.
"""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from bench.faults.plan import Kill

ARMED, RECORDS, PIDS = "armed.json", "kills.jsonl", "pids"


class Deaths:
    """Of one world, whose folder everything lies in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def arm(self, kills: list[Kill]) -> None:
        """These wait from now on; the first that is met is the only one."""
        lines = [each.model_dump() for each in kills]
        new = self._folder / f"{ARMED}.new"
        new.write_text(json.dumps(lines))
        new.replace(self._folder / ARMED)

    def disarm(self) -> None:
        (self._folder / ARMED).unlink(missing_ok=True)

    def at(self, moment: str, name: str) -> bool:
        """True when somebody was killed here; whoever kills himself does not return."""
        try:
            waiting = json.loads((self._folder / ARMED).read_text())
        except FileNotFoundError:
            return False
        fitting = [each for each in waiting if (each["moment"], each["name"]) == (moment, name)]
        return any(self._take(Kill.model_validate(each)) for each in fitting)

    def _take(self, kill: Kill) -> bool:
        try:
            pid = int((self._folder / PIDS / kill.victim).read_text())
            (self._folder / ARMED).replace(self._folder / f"fired-{time.monotonic_ns()}.json")
        except (FileNotFoundError, ValueError):
            return False  # the victim is down already, or somebody else was faster
        return self.strike(kill, pid)

    def strike(self, kill: Kill, pid: int) -> bool:
        """The record, then the signal."""
        record = {**kill.model_dump(), "pid": pid, "by": os.getpid(), "at": time.time()}
        with (self._folder / RECORDS).open("a") as file:
            file.write(json.dumps(record) + "\n")
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def record(self) -> list[dict[str, Any]]:
        """Every strike, in order."""
        path = self._folder / RECORDS
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def alive(self, victim: str) -> bool:
        """Whether `victim` is there and was not struck since it came up."""
        try:
            pid = int((self._folder / PIDS / victim).read_text())
        except (FileNotFoundError, ValueError):
            return False
        return all(each["pid"] != pid for each in self.record())

    def pid(self, victim: str, pid: int | None) -> None:
        """Who `victim` is now; None: nobody."""
        path = self._folder / PIDS / victim
        path.parent.mkdir(exist_ok=True)
        if pid is None:
            path.unlink(missing_ok=True)
            return
        new = path.with_suffix(".new")
        new.write_text(str(pid))
        new.replace(path)


class Boundaries(Interceptor):
    """Before an activity, and after its effect while its completion is not reported yet."""

    def __init__(self, deaths: Deaths, starts: Path) -> None:
        self._deaths = deaths
        self._starts = starts

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Boundary(next, self._deaths, self._starts)


class _Boundary(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, deaths: Deaths, starts: Path) -> None:
        super().__init__(next)
        self._deaths = deaths
        self._starts = starts

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        if info.attempt > 1:
            line = {"ticket": info.workflow_id, "activity": info.activity_type, "at": time.time()}
            with self._starts.open("a") as file:
                file.write(json.dumps(line) + "\n")
        self._deaths.at("before", info.activity_type)
        result = await super().execute_activity(input)
        self._deaths.at("after", info.activity_type)
        return result
