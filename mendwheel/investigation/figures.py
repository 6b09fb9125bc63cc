"""How a finding states its figures: with their unit, and with the windows they were taken in."""

import re
from datetime import UTC, datetime

from mendwheel.investigation.change import Shift
from mendwheel.investigation.clock import DAY
from mendwheel.investigation.series import Series
from mendwheel.investigation.vocabulary import plain_words

_UNITS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (unit, re.compile(pattern))
    for unit, pattern in (
        ("ms", r"\b(ms|msec|millis|milliseconds?)\b"),
        ("us", r"\b(us|usec|micros|microseconds?)\b"),
        ("s", r"\b(s|sec|secs|seconds?)\b"),
        ("%", r"\b(percent|percentage|pct)\b"),
        ("B", r"\bbytes?\b"),
    )
)
_LARGE = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def unit_of(measure: str) -> str:
    """The unit a measure's name states: `ms`, `us`, `s`, `%`, `B`; empty when it states none."""
    if "%" in measure:
        return "%"
    words = plain_words(measure)
    return next((unit for unit, pattern in _UNITS if pattern.search(words)), "")


def amount(value: float, unit: str) -> str:
    """`0.04`, `s` -> `40 ms`: four significant digits in the unit people would say."""
    if unit == "s" and 0 < abs(value) < 1:
        return f"{value * 1000:.4g} ms"
    if unit == "ms" and abs(value) >= 10_000:
        return f"{value / 1000:.4g} s"
    if unit == "B":
        for name, size in _LARGE:
            if abs(value) >= size:
                return f"{value / size:.4g} {name}"
    return f"{value:.4g} {unit}".rstrip()


def course(series: Series, shift: Shift) -> str:
    """`rose from 40 ms to 900 ms (extreme 1.2 s) between 10:00 and 10:12, baseline 09:00–09:59`."""
    unit = unit_of(series.measure)
    rate = "/s" if series.rate else ""
    before, after, peak = (
        amount(value, unit) + rate for value in (shift.before, shift.after, shift.peak)
    )
    verb = "rose" if shift.after > shift.before else "fell"
    return f"{verb} from {before} to {after} (extreme {peak}){_windows(series, shift)}"


def _windows(series: Series, shift: Shift) -> str:
    if not series.clocked or len(series.times) != len(series.values):
        return ""
    first, last = series.times[shift.start], series.times[-1]
    text = f" between {moment(first)} and {moment(last)}"
    if shift.start > 0 and series.usual is None:
        text += f", baseline {moment(series.times[0])}–{moment(series.times[shift.start - 1])}"
    return text


def moment(stamp: float) -> str:
    """`10:05` for a time of day or a Unix time, in UTC; seconds only where they are not zero."""
    time = datetime.fromtimestamp(stamp % DAY, UTC)
    return time.strftime("%H:%M:%S" if time.second else "%H:%M")
