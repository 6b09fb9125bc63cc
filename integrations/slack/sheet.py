"""A message under construction: what must be there first, then as much of the rest as fits."""

from collections.abc import Callable

from mendwheel.integrations.slack.blocks import Block, weight
from mendwheel.integrations.slack.limits import BLOCKS


class Sheet:
    """Blocks are added in the order of their importance and come out in that of their place."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._placed: list[tuple[int, list[Block]]] = []

    @property
    def left(self) -> int:
        """Characters of JSON that are still free; below 0 after too much of what must be there."""
        return self._room - sum(weight(blocks) for _, blocks in self._placed)

    def put(self, place: int, blocks: list[Block]) -> None:
        """What must be there; its writer keeps it small."""
        self._placed.append((place, blocks))

    def fit(self, place: int, share: float, write: Callable[[int], list[Block]]) -> None:
        """What `write` makes of `share` of the room that is left; nothing when that is no room."""
        room = int(self.left * share)
        blocks = write(room) if room > 0 else []
        if weight(blocks) <= room:
            self._placed.append((place, blocks))

    def blocks(self) -> list[Block]:
        """All blocks, from top to bottom."""
        ordered = sorted(self._placed, key=lambda placed: placed[0])
        return [block for _, blocks in ordered for block in blocks][:BLOCKS]
