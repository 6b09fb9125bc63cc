"""At most one update a second of one card: more than that chat services answer with 429.

A wait in the thread that writes. A timer in the ticket's workflow would cost its history three
events for each update, and most updates are followed by none for long.
"""

import threading
import time
from collections import OrderedDict

SECONDS = 1.0

_REMEMBERED = 2000


class Pace:
    """When each card was last written by this process. May be used by any thread."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._written: OrderedDict[str, float] = OrderedDict()

    def keep(self, reference: str) -> None:
        """Return when `reference` may be written; it counts as written then."""
        with self._lock:
            now = time.monotonic()
            due = max(now, self._written.get(reference, now - self._seconds) + self._seconds)
            self._note(reference, due)
        time.sleep(due - now)

    def written(self, reference: str) -> None:
        """It was written just now for the first time."""
        with self._lock:
            self._note(reference, time.monotonic())

    def _note(self, reference: str, when: float) -> None:
        self._written[reference] = when
        self._written.move_to_end(reference)
        while len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)
