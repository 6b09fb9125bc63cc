"""The window of a look with the usual time before it, and how both are cut and written."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from mendwheel.domain.observation import Window

_SHORTEST = timedelta(minutes=5)


def with_baseline(window: Window) -> Window:
    """`window` and as long again before it; a window shorter than five minutes is made so long."""
    length = max(window.end - window.start, _SHORTEST)
    return Window(start=window.end - 2 * length, end=window.end)


def slices(window: Window, count: int) -> list[Window]:
    """`window` in `count` equal parts."""
    part = (window.end - window.start) / count
    return [
        Window(start=window.start + at * part, end=window.start + (at + 1) * part)
        for at in range(count)
    ]


def epoch(moment: datetime) -> float:
    """Seconds since 1970; a moment without a zone is in UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def stamp(seconds: float) -> str:
    """`2026-01-31T12:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Comma-separated lines as investigators read them; None is an empty cell, a gap."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return " ".join(str(value).split())
