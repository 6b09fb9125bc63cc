"""Leaves a route alone that keeps failing, and lets one call try it again after a while."""

import time
from collections.abc import Callable


class Breaker:
    """Closed: calls pass. Open: none does. Then half open: one probe passes and decides.

    State is one process's own: each finds out for itself, at the price of a few calls.
    """

    def __init__(
        self, failures: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._pause = seconds
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._probe_ends = 0.0

    @property
    def wait(self) -> float:
        """Seconds until a call may pass; 0: now."""
        return max(self._until - self._clock(), self._probe_ends - self._clock(), 0.0)

    def enter(self, longest: float) -> bool:
        """Whether a call may be made now; a probe that never reports counts for `longest` s."""
        if self.wait:
            return False
        if self._until:
            self._probe_ends = self._clock() + longest
        return True

    def unused(self) -> None:
        """Nothing was sent after all: the next one may try."""
        self._probe_ends = 0.0

    def worked(self) -> None:
        """The route answered: all is well."""
        self._failures, self._until, self._probe_ends = 0, 0.0, 0.0

    def failed(self, retry_after: float | None = None) -> None:
        """It did not; `retry_after`: seconds for which it asked to be left alone."""
        was_probe = self._until > 0
        self._failures += 1
        self._probe_ends = 0.0
        if was_probe or self._failures >= self._limit:
            self._until = self._clock() + self._pause
        if retry_after:
            self._until = max(self._until, self._clock() + retry_after)
