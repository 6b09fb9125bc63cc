"""The host's part: Lanternpost's remedies, on a platform that remembers who asked it for what.

The platform does each request once, known by the id of the remedy's workflow, as a host's own
remedies should. The baseline's does whatever it is asked.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lanternpost.host import activities, state
from lanternpost.host.arguments import Release, Restart
from temporalio import activity

REMEMBERS = "BENCH_PLATFORM_REMEMBERS"
DONE = "done"


@activity.defn(name="lanternpost.restart")
def restart(arguments: Restart) -> None:
    _do(arguments.service, lambda: activities.restart(arguments))


@activity.defn(name="lanternpost.deploy")
def deploy(arguments: Release) -> None:
    _do(arguments.service, lambda: activities.deploy(arguments))


ACTIVITIES: list[Callable[..., Any]] = [restart, deploy, activities.healthy, activities.replaced]


def _do(service: str, effect: Callable[[], None]) -> None:
    asked = activity.info().workflow_id or ""
    with _alone():
        done = _done(service)
        if asked in done and os.environ[REMEMBERS] == "1":
            return
        # First: a kill between the two leaves a service unmended, which the check sees.
        state.change(service, done=[*done, asked])
        effect()


def _done(service: str) -> list[str]:
    return list(state.read()[service].get(DONE, []))


@contextmanager
def _alone() -> Iterator[None]:
    """The state is one file, which threads and processes read and write as a whole."""
    with Path(f"{state.path()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
