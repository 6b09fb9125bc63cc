"""Log lines with their moments: what a sense of logs has read, whatever it read it from."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from time import time

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?")
_WEB = re.compile(r"(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d) ([+-]\d{4})")
_SYSLOG = re.compile(r"^(?:<\d+>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ")
_EPOCH = re.compile(r"(?:^|[\"\s=:\[])(1\d{9})(?:(\d{3})|\.(\d{1,9}))?(?![\d.])")
_TIMES = ("time", "timestamp", "@timestamp", "ts", "datetime")
_NAMES = ("service", "component", "app", "service.name", "service_name")
_SEEN = 120
LONGEST = 4000
DAY = 86_400.0


@dataclass(slots=True, frozen=True)
class LogLine:
    """`at` in seconds since 1970. Lines of a stack trace have the moment of the line before."""

    at: float
    component: str
    text: str


@dataclass(slots=True, frozen=True)
class Clock:
    """What a moment without a zone, or without a year, is to be read by."""

    zone: tzinfo = UTC
    now: float = field(default_factory=time)


def read_line(line: str, clock: Clock) -> tuple[float | None, str | None]:
    """When a line was written, seconds since 1970, and by which component, where it says so."""
    if line.startswith("{") and (fields := _object(line)) is not None:
        stamp = next((fields[key] for key in _TIMES if key in fields), None)
        name = next((fields[key] for key in _NAMES if key in fields), None)
        named = name[:200] if isinstance(name, str) and name else None
        return _moment("" if stamp is None else str(stamp)[:_SEEN], clock), named
    return _moment(line[:_SEEN], clock), None


def placed(lines: Iterable[str], component: str, clock: Clock) -> Iterator[LogLine]:
    """Lines with their moments; what comes before the first moment is left out."""
    at: float | None = None
    for line in lines:
        moment, named = read_line(line, clock)
        at = moment if moment is not None else at
        if at is not None and line.strip():
            yield LogLine(at, named or component, line[:LONGEST])


def _moment(head: str, clock: Clock) -> float | None:
    try:
        if iso := _ISO.search(head):
            zone = (iso[4] or "").replace("Z", "+00:00")
            written = datetime.fromisoformat(f"{iso[1]}T{iso[2]}{zone}")
            return (written if zone else written.replace(tzinfo=clock.zone)).timestamp() + _part(
                iso[3]
            )
        if web := _WEB.search(head):
            return datetime.strptime(f"{web[1]} {web[2]}", "%d/%b/%Y:%H:%M:%S %z").timestamp()
        if system := _SYSLOG.search(head):
            return _with_year(system[1], clock)
    except (ValueError, OverflowError):  # the thirty-first of February
        return None
    if found := _EPOCH.search(head):
        return int(found[1]) + _part(found[2] or found[3])
    return None


def _object(line: str) -> dict[str, object] | None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _part(digits: str | None) -> float:
    return float(f"0.{digits}") if digits else 0.0


def _with_year(text: str, clock: Clock) -> float:
    """In the year that puts it last before tomorrow: a log has no lines of the future."""
    year = datetime.fromtimestamp(clock.now, clock.zone).year
    for candidate in (year, year - 1):
        written = datetime.strptime(f"{candidate} {text}", "%Y %b %d %H:%M:%S")
        moment = written.replace(tzinfo=clock.zone).timestamp()
        if moment <= clock.now + DAY:
            return moment
    return moment
