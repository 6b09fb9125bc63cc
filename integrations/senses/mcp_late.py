"""Asks MCP servers that were away when the worker started again, until each has answered.

What is offered then is what would have been offered at the start: writes that the settings name,
described as they were pinned.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from mendwheel.integrations.senses.mcp_writes import McpWrites
from mendwheel.tools.registry import RemedySpec

FIRST, LONGEST = 15.0, 300.0
"""Seconds until the first time again, and between the later ones."""

_log = logging.getLogger("mendwheel")


class LateServers:
    """A thread of its own while servers are away. `offer` gets what they bring, in that thread."""

    def __init__(self, writes: McpWrites, offer: Callable[[Sequence[RemedySpec]], None]) -> None:
        self._writes = writes
        self._offer = offer
        self._ended = threading.Event()

    def start(self) -> None:
        """Nothing is done where no server is away."""
        self._ended = threading.Event()
        if self._writes.away:
            threading.Thread(
                target=self._until_there, args=(self._ended,), name="mcp late", daemon=True
            ).start()

    def stop(self) -> None:
        """Asks no more. A question under way ends by itself, and nothing comes of it."""
        self._ended.set()

    def _until_there(self, ended: threading.Event) -> None:
        wait = FIRST
        while (away := self._writes.away) and not ended.wait(wait):
            wait = min(2 * wait, LONGEST)
            # Why they are away was told at the start, and would be told again each time.
            found = self._writes.specs(_log.debug, only=away)
            came = sorted(set(away) - set(self._writes.away))
            if ended.is_set() or not came:
                continue
            self._offer(found)
            for name in came:
                offered = [spec.name for spec in found if spec.name.startswith(f"{name}.")]
                _log.info("mcp %s answers now; offered: %s", name, ", ".join(offered) or "nothing")
