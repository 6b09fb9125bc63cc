"""The host's part: Lanternpost's remedies, on a platform that remembers who asked it for what.

The platform does each request once, known by the id of the remedy's workflow, as a host's own
remedies should. The baseline's does whatever it is asked.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lanternpost.host import activities, state
from lanternpost.host.arguments import Release, Restart
from temporalio import activity

REMEMBERS = "BENCH_PLATFORM_REMEMBERS"
DONE = "done"


TAKES = 1.0
"""Seconds that the host's work takes; an operator may be in a hurry meanwhile."""


@activity.defn(name="lanternpost.restart")
def restart(arguments: Restart) -> None:
    _once(arguments.service, lambda: activities.restart(arguments))


@activity.defn(name="lanternpost.deploy")
def deploy(arguments: Release) -> None:
    _once(arguments.service, lambda: activities.deploy(arguments))


ACTIVITIES: list[Callable[..., Any]] = [restart, deploy, activities.healthy, activities.replaced]


def _once(service: str, effect: Callable[[], None]) -> None:
    asked = activity.info().workflow_id or ""
    time.sleep(TAKES)
    change(service, asked, effect, remembers=os.environ[REMEMBERS] == "1")


def change(
    service: str, asked: str, effect: Callable[[], None], *, remembers: bool = False
) -> None:
    """Do it and keep that it was asked; where the platform `remembers`, once for each `asked`."""
    with _alone():
        known = done(service)
        if asked in known and remembers:
            return
        # First: a kill between the two leaves a service unmended, which the check sees.
        state.change(service, done=[*known, asked])
        effect()


def done(service: str) -> list[str]:
    """By whom the service was changed, in order."""
    return list(state.read()[service].get(DONE, []))


@contextmanager
def _alone() -> Iterator[None]:
    """The state is one file, which threads and processes read and write as a whole."""
    with Path(f"{state.path()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
