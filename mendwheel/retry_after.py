"""How long an answer asks us to wait: one reading of Retry-After for every place we call."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3600.0
"""Seconds; a Retry-After beyond it is a mistake or an attack, not a wish."""


def seconds_to_wait(headers: Mapping[str, object], now: datetime | None = None) -> float | None:
    """Seconds from 0 to `LONGEST_WAIT`; None when nothing readable is said.

    Both forms of RFC 9110 §10.2.3 are read: seconds and HTTP-date. A date counts from the `Date`
    of the same answer, else from `now`: clocks differ, waits do not. Names in any case.
    """
    said = {name.lower(): str(value) for name, value in headers.items()}
    wish = said.get("retry-after", "").strip()
    if wish.isdecimal():
        return min(float(wish), LONGEST_WAIT)
    until = _moment(wish)
    if until is None:
        return None
    sent = _moment(said.get("date", "")) or now or datetime.now(UTC)
    return min(max((until - sent).total_seconds(), 0.0), LONGEST_WAIT)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
