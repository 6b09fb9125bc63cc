"""Which ticket a thread is, and how much of what was said in it the ticket's report holds."""

from mendwheel.integrations.slack.reading import Said
from mendwheel.stores.bundle import Stores


def keep_thread(stores: Stores, place: str, ticket: str, until: str) -> None:
    """From now on `place` is the ticket's thread; what was said up to `until` is in the ticket."""
    stores.cursors.set(_cursor(place), until)
    stores.threads.bind(place, ticket)


def was_read(stores: Stores, words: Said) -> bool:
    """Whether the ticket's report holds these words already."""
    until = stores.cursors.get(_cursor(words.place))
    return bool(until) and not later(words.ts, until)


def read_until(stores: Stores, place: str, last: str) -> str:
    """How far the thread belongs to the report; settled by whoever reads it first."""
    known = stores.cursors.get(_cursor(place))
    if not known:
        stores.cursors.set(_cursor(place), last)
    return known or last


def _cursor(place: str) -> str:
    return f"read {place}"


def later(ts: str, than: str) -> bool:
    """Slack's timestamps are names that sort as numbers: seconds, and a counter."""
    return _time(ts) > _time(than)


def _time(ts: str) -> tuple[int, ...]:
    return tuple(int(part) for part in ts.split(".") if part.isdigit())
