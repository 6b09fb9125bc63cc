"""Reads of Jira that wait: a limit that is reached, or a short absence, is waited out."""

from collections.abc import Callable
from typing import TypeVar

from mendwheel.ports.world import PlaceError

TRIES = 6
LONGEST_WAIT = 60.0  # seconds

Answer = TypeVar("Answer")


def patiently(
    ask: Callable[[], Answer], tell: Callable[[str], None], wait: Callable[[float], None]
) -> Answer:
    """What `ask` returns, tried at most six times; for reads only, which may be repeated.

    `tell` hears of every wait; `wait` sleeps for seconds. Raises PlaceError: Jira refuses, or is
    away for long.
    """
    for attempt in range(1, TRIES):
        try:
            return ask()
        except PlaceError as error:
            if not error.retryable:
                raise
            seconds = error.retry_after if error.retry_after is not None else 2.0**attempt
            seconds = min(seconds, LONGEST_WAIT)
            tell(f"{error}: again in {seconds:g} s")
            wait(seconds)
    return ask()
