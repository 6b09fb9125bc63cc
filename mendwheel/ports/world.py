"""What reaches out, as Protocols. Adapters: gateway/, integrations/."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from mendwheel.domain.card import Card, CardLink, Message
from mendwheel.domain.evidence import Evidence
from mendwheel.domain.hint import Hint, Polled, Taken
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.outside import Outside
from mendwheel.domain.retention import SweepRequest, Swept
from mendwheel.domain.ticket import Report, Ticket

_NO_ANSWER = (
    *("timeout", "connection", "unreachable", "broken_answer", "answer"),
    *("408", "502", "504", "request_timeout"),
)
_TURNED_AWAY = ("429", "ratelimited", "rate_limited", "409")


class PlaceError(RuntimeError):
    """A place could not be read or written; the message is for people and names the way out.

    `kind` is the place's own word for it (`channel_not_found`, `403`); `retry_after` in seconds.
    """

    def __init__(
        self,
        where: str,
        kind: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.where = where
        self.kind = kind
        self.retryable = retryable
        self.retry_after = retry_after

    @property
    def unwritten(self) -> bool:
        """The place said so itself: nothing was written. After anything else, look first."""
        return not self.retryable or self.kind in _TURNED_AWAY

    @property
    def under_way(self) -> bool:
        """No answer came, of the place itself: what was sent may still arrive there."""
        return self.retryable and self.kind in _NO_ANSWER


class Board(Protocol):
    """A kind of place where people follow tickets: Slack channels, Jira issues.

    `reference` is what `open_card` returned. Every method raises PlaceError and ends within the
    ledger's deadline; none retries a write by itself.
    """

    def find_card(self, place: str, key: EffectKey) -> str | None:
        """Reference of the card written under `key`, or None."""
        ...

    def open_card(self, place: str, card: Card, key: EffectKey) -> str: ...

    def show(self, place: str, reference: str, card: Card) -> None:
        """Replace what the card says; the same again changes nothing."""
        ...

    def thread(self, place: str, reference: str) -> str:
        """Name of the thread in which people reply to the card, as `Threads` knows it."""
        ...

    def find(self, place: str, reference: str, key: EffectKey) -> str | None:
        """Reference of the message written under `key`, or None."""
        ...

    def say(self, place: str, reference: str, message: Message, key: EffectKey) -> str: ...

    def conclude(self, place: str, reference: str, card: Card, outcome: Outcome) -> bool:
        """Status, labels and links of an ended round; False where a place keeps none."""
        ...

    def link(self, place: str, reference: str) -> CardLink | None:
        """Where a browser finds the card; None when that cannot be told."""
        ...

    def close(self) -> None:
        """Let go of connections; it may be used again."""
        ...


class Directory(Protocol):
    """Asks other systems who is in their groups."""

    def look(self, groups: Iterable[str]) -> Outside:
        """Who is in `groups` (see `domain.outside`) now, at most a minute old.

        Never raises and ends within 6 s: what could not be looked up is `unknown`.
        """
        ...


class OnCall(Protocol):
    """Whoever is called when a human has to go on."""

    def call(self, card: Card, key: EffectKey) -> str:
        """The incident's reference; the same key is one incident. Raises PlaceError."""
        ...


class Inbox(Protocol):
    """Takes hints of one system in: reads again, then starts or messages tickets."""

    async def take(self, hint: Hint) -> Taken:
        """Raises PlaceError; TemporalUnreachable and the like as themselves."""
        ...

    async def poll(self, cursor: str) -> Polled: ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Sweeper(Protocol):
    """Forgets tickets whose time is over."""

    async def sweep(self, request: SweepRequest, *, again: bool) -> Swept:
        """`again`: an attempt before this one may have come half way. Raises StoreUnavailable."""
        ...


class SenseError(RuntimeError):
    """A system could not be looked at; the message is one line that names it and the way out."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class LiveSense(Protocol):
    """A read-only look at a running system. Called in an activity's thread."""

    @property
    def name(self) -> str: ...

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """What is to be seen of `component`, or of everything, in `window`.

        Ends within 20 s whatever the system does. Raises SenseError.
        """
        ...


class Sense(Protocol):
    """A read-only look at the world."""

    @property
    def name(self) -> str: ...

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]: ...


class Clock(Protocol):
    """The time, UTC."""

    def now(self) -> datetime: ...
