"""Reads moments: when the ticket says it began, and the times in evidence."""

import re
from datetime import UTC, datetime

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)")
_DAYTIME = re.compile(r"^(\d{1,2}):(\d\d)(?::(\d\d))?")
_UNIX = re.compile(r"\b1\d{9}\b")
_BEGAN = re.compile(r"(?i)\b(onset|since|began|begin|started|starting|from|at|after)\b")
DAY = 86_400.0


def seconds(text: str) -> float | None:
    """Unix seconds of a moment, seconds of the day for a bare time, None when it is neither."""
    text = text.strip()
    if iso := _ISO.search(text):
        try:
            stamp = datetime.fromisoformat(f"{iso[1]}T{iso[2]}").replace(tzinfo=UTC)
        except ValueError:
            return None
        return stamp.timestamp()
    if bare := _DAYTIME.match(text):
        return int(bare[1]) * 3600.0 + int(bare[2]) * 60.0 + int(bare[3] or 0)
    try:
        value = float(text)
    except ValueError:
        return None
    if value > 1e14:
        return value / 1e6
    return value / 1e3 if value > 1e11 else (value if value == value else None)


def onset(text: str) -> float | None:
    """When the ticket says trouble began: the first moment after a word such as *since*."""
    text = text[:20_000]
    for word in _BEGAN.finditer(text):
        tail = text[word.end() : word.end() + 40]
        if (iso := _ISO.search(tail)) and (stamp := seconds(iso[0])):
            return stamp
    unix = _UNIX.search(text)
    return float(unix[0]) if unix else None


def align(moment: float, times: list[float]) -> float | None:
    """`moment` on the scale of `times` (which may be seconds of the day); None if outside them."""
    if not times:
        return None
    first, last = min(times), max(times)
    if last < 2 * DAY and moment > DAY:
        moment %= DAY
        if moment <= first and moment + DAY <= last:
            moment += DAY
    return moment if first < moment <= last else None


def unwrapped(times: list[float]) -> list[float]:
    """Bare times of day on one scale: where midnight lies between, the morning comes after."""
    if not times or max(times) >= DAY or max(times) - min(times) < DAY / 2:
        return times
    return [moment + DAY if moment < DAY / 2 else moment for moment in times]
