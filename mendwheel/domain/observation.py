"""What a live look at the world brings back, before it is summarised and kept as evidence."""

from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field


class Window(BaseModel):
    """From when to when was looked at, in UTC."""

    model_config = ConfigDict(frozen=True)

    start: datetime
    end: datetime

    def told(self) -> str:
        """`2026-01-31 11:00 to 12:15 UTC`; one moment where it starts as it ends."""
        start, end = _utc(self.start), _utc(self.end)
        first, last = f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}"
        if first == last:
            return f"{first} UTC"
        return f"{first} to {last[11:] if start.date() == end.date() else last} UTC"


def spanning(windows: Iterable[Window | None]) -> Window | None:
    """The shortest window that holds all that are there; None where none is."""
    known = [each for each in windows if each is not None]
    if not known:
        return None
    starts, ends = ([_utc(each.start) for each in known], [_utc(each.end) for each in known])
    return Window(start=min(starts), end=max(ends))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Observation(BaseModel):
    """One result of a sense, whole. `media` says how investigators read `text`.

    Metrics come as a table with a time column, logs as lines, topology as `caller -> callee`
    lines, changes as one JSON object a line.
    """

    title: str
    media: str = Field(
        description="metrics, logs, traces, topology, changes, state, rows, customer, probe or tool"
    )
    text: str
    url: str | None = Field(None, description="deep link for people")
    window: Window | None = Field(None, description="None: as it stood when it was looked at")
