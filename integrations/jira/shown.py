"""What was last written where, so that the same is not written again. Bounded; forgets with age."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from mendwheel.domain.card import Card
from mendwheel.domain.ids import digest
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.jira.marker import Mark

MOST = 1000
SECONDS = 300.0
"""How long a text is believed to stand: another worker may write another one."""


@dataclass
class _Entry:
    mark: Mark
    text: str = ""
    until: float = 0.0


class Shown:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._phases: OrderedDict[str, tuple[str, int, Phase]] = OrderedDict()

    def stands(self, place: str, reference: str, text: str) -> bool:
        """Whether the comment says `text` already, as far as we know."""
        with self._lock:
            entry = self._entries.get((place, reference))
            return entry is not None and entry.text == digest(text) and monotonic() < entry.until

    def keep(self, place: str, reference: str, text: str, mark: Mark) -> None:
        with self._lock:
            entry = _Entry(mark, digest(text), monotonic() + SECONDS)
            self._entries[place, reference] = entry
            self._entries.move_to_end((place, reference))
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)

    def forget(self, place: str, reference: str) -> None:
        """What it says is unknown; how it is marked stays."""
        with self._lock:
            entry = self._entries.get((place, reference))
            if entry is not None:
                entry.text = ""

    def mark(self, place: str, reference: str) -> Mark | None:
        with self._lock:
            entry = self._entries.get((place, reference))
            return entry.mark if entry else None

    def is_new_phase(self, issue: str, card: Card) -> bool:
        """Whether the ticket stood elsewhere when this was asked last."""
        stands = (card.ticket_id, card.round, card.phase)
        with self._lock:
            known = self._phases.get(issue)
            self._phases[issue] = stands
            self._phases.move_to_end(issue)
            while len(self._phases) > MOST:
                self._phases.popitem(last=False)
        return known != stands
