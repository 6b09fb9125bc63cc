"""What breaks a round off: somebody ends it, or the ticket starts over."""

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import Phase

PAST_STOPPING = (Phase.VERIFY, Phase.WRITE_BACK, Phase.RECORD, Phase.WATCH, Phase.CLOSED)
"""Something was done or found already: a stop must not hide what it came to."""


class Stopped(Exception):
    """Somebody asked to stop, goes on instead of us, or was faster."""

    def __init__(self, kind: OutcomeKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class NewRound(Exception):
    """The ticket starts over with what is known now."""
