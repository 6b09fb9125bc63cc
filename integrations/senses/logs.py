"""Reads log files: the part that was written in the window and as long before, however long."""

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.log_lines import Clock, LogLine, placed, read_line
from mendwheel.integrations.senses.log_story import story
from mendwheel.integrations.senses.windows import epoch, slices, stamp, with_baseline
from mendwheel.ports import SenseError

READ = 50_000_000
"""Bytes of one look, over all files."""

LINES = 200_000
FILES = 20
SLICES = 10
"""Even slices of baseline and window, so that what does not fit is not always the end."""

WITHIN = 10.0
"""Seconds for reading; comparing takes half as long."""

_BLOCK = 65_536
_PROBE = 16_384
_DISORDER = 60.0
"""Seconds by which threads write their lines out of order."""

_SUFFIXES = (".log", ".txt", ".jsonl", ".json", ".out", ".err")


class LogFileSense:
    """Files and folders; a folder's files are those with the endings of logs, not packed ones."""

    name = "logs"

    def __init__(self, paths: Sequence[Path], zone: tzinfo = UTC) -> None:
        self._paths = list(paths)
        self._zone = zone

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """Raises SenseError: no file could be read, or none has lines of that time."""
        until = monotonic() + WITHIN
        whole = with_baseline(window)
        files = self._files(component, epoch(whole.start))
        lines: list[LogLine] = []
        told: list[str] = []
        cut: list[str] = []
        for path in files:
            part = _Part(path, until, len(files) * SLICES, Clock(self._zone))
            try:
                for each in slices(whole, SLICES):
                    lines += part.lines(epoch(each.start), epoch(each.end))
            except OSError as error:
                told.append(f"{path.name} cannot be read ({error.strerror})")
            if part.cut:
                cut.append(f"{path.name} read in part")
        if not lines:
            why = told[0] if told else _none_of_that_time(files, Clock(self._zone))
            raise SenseError(f"logs: {why}")
        return story("logs", lines, window, note="".join(f"; {each}" for each in [*told, *cut][:3]))

    def _files(self, component: str | None, since: float) -> list[Path]:
        """Files written to since then, those named after the component first."""
        found: list[Path] = []
        for path in self._paths:
            try:
                path.stat()  # says why, where it cannot be seen
                within = sorted(path.iterdir()) if path.is_dir() else [path]
                logs = [each for each in within if each.is_file()]
                named = [each for each in logs if each == path or _is_log(each)]
                found += [each for each in named if each.stat().st_mtime >= since]
            except OSError as error:
                raise SenseError(f"logs: {path}: {error.strerror}: correct logs_paths") from None
        mine = (component or "").lower()
        return sorted(found, key=lambda each: mine not in each.name.lower())[:FILES]


def _is_log(path: Path) -> bool:
    # `app.log.1` is a log too: what rotates keeps its ending in the middle.
    return any(end in _SUFFIXES for end in path.suffixes)


def _none_of_that_time(files: Sequence[Path], clock: Clock) -> str:
    """Why no line lies in the window, told by the last line of the first file."""
    if not files:
        return "no file was written to in the window: correct logs_paths"
    with files[0].open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _PROBE))
        ends = file.read(_PROBE).decode("utf-8", "replace").split("\n")
    moments = [at for line in ends if (at := read_line(line, clock)[0]) is not None]
    if not moments:
        return f"{files[0].name} has no lines that begin with a time: correct logs_paths"
    return (
        f"no line lies in the window, {files[0].name} ends at {stamp(moments[-1])}: see logs_zone"
    )


class _Part:
    """A share of the room for one file; `cut` when it, or the time, did not do."""

    def __init__(self, path: Path, until: float, share: int, clock: Clock) -> None:
        self._path = path
        self._until = until
        self._bytes = max(READ // share, _BLOCK)
        self._lines = max(LINES // share, 1)
        self._clock = clock
        self.cut = False

    def lines(self, start: float, end: float) -> list[LogLine]:
        """What was written from `start` until before `end`. Raises OSError."""
        component = self._path.name.split(".")[0]
        found: list[LogLine] = []
        for line in placed(self._texts(start), component, self._clock):
            if line.at > end + _DISORDER:
                break
            if start <= line.at < end:
                found.append(line)
            if len(found) >= self._lines:
                self.cut = True
                break
        return found

    def _texts(self, start: float) -> Iterator[str]:
        with self._path.open("rb") as file:
            file.seek(self._begin(file, start))
            left = self._bytes
            while raw := file.readline(_BLOCK):
                left -= len(raw)
                if left < 0 or monotonic() > self._until:
                    self.cut = True
                    return
                yield raw.decode("utf-8", "replace").rstrip("\r\n")

    def _begin(self, file: BinaryIO, start: float) -> int:
        """Where to begin: bisected by moments, because lines are in the order of time."""
        low, high = 0, file.seek(0, 2)
        while high - low > _BLOCK:
            middle = (low + high) // 2
            moment = self._first_moment(file, middle)
            if moment is None or moment >= start - _DISORDER:
                high = middle
            else:
                low = middle
        return low

    def _first_moment(self, file: BinaryIO, at: int) -> float | None:
        file.seek(at)
        for raw in file.read(_PROBE).split(b"\n")[1:]:
            moment, _ = read_line(raw.decode("utf-8", "replace"), self._clock)
            if moment is not None:
                return moment
        return None
