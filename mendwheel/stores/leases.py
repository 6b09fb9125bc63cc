"""Whether somebody else's lease is over, without believing their clock or ours to be right.

Clocks of two machines, or of one before and after it was set, may be minutes apart. A lease that
was written by the one and read by the other would end too early, and an effect be written twice, or
much too late. So whoever waits watches: a lease is over when it has stood unchanged for its whole
length before their own eyes.
"""

from collections import OrderedDict
from collections.abc import Callable

LONG_AGO = 3600.0
"""Seconds; no two clocks are further apart. What ended before needs no watching."""

_REMEMBERED = 10_000

Place = tuple[str, int, str, str]


class Leases:
    """What this process has seen of leases. Not thread-safe: the store's writer asks, in turn."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._seen: OrderedDict[Place, tuple[float, float]] = OrderedDict()

    def over(self, place: Place, until: float, length: float, now: float) -> bool:
        """Whether the lease at `place`, said to end at `until` (epoch), is over.

        Its first sight, which is also how one's own is noted, is when the watch begins.
        """
        at = self._elapsed()
        known, since = self._seen.get(place, (None, at))
        if known != until:
            since = at
        self._seen[place] = (until, since)
        self._seen.move_to_end(place)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return at - since >= length or until < now - LONG_AGO
