"""What a look at logs brings back: the lines, their kinds before and now, and bursts of errors."""

import re
from collections import Counter
from collections.abc import Sequence
from math import ceil

from mendwheel.domain.observation import Observation, Window
from mendwheel.integrations.senses.log_lines import LogLine
from mendwheel.integrations.senses.matrix import HEADER
from mendwheel.integrations.senses.windows import epoch, stamp, table, with_baseline
from mendwheel.tools.summary import printable, speaks_of_error

KINDS = 2000
SHOWN = 20_000
"""Lines that are shown; what they are compared by is counted over all."""

_ROOM = 1_500_000
"""Characters of lines that are shown; investigators read no more than two million."""

_LONGEST = 1000
_MINUTES = 240
_ENDS = r"\s=:,;|()\[\]{}\"'"
# Words are tried from their beginning only: a long one would be tried again at each letter.
_VARYING = re.compile(
    rf"\"[^\"]{{0,200}}\"|'[^']{{0,200}}'|(?<![^{_ENDS}])[^{_ENDS}\d]*+\d[^{_ENDS}]*"
)
_BLANKS = re.compile(r"(?:<\*>[\s.,:;|/-]*){2,}")
_COUNTED = ("component", "message", "lines before", "lines now")


def story(
    where: str, lines: Sequence[LogLine], window: Window, *, url: str | None = None, note: str = ""
) -> list[Observation]:
    """Three observations: lines of `window`, kinds of message compared, error lines per minute.

    `lines` reach over the baseline before `window` too. Nothing is said of what has no lines.
    """
    start, end = epoch(window.start), epoch(window.end)
    clean = [LogLine(each.at, each.component, printable(each.text)) for each in lines]
    now = sorted((each for each in clean if start <= each.at <= end), key=lambda each: each.at)
    before = [each for each in clean if each.at < start]
    if not now and not before:
        return []
    whole = with_baseline(window)
    failing = sum(speaks_of_error(each.text) for each in now)
    told = f"{len(now):,} lines, {failing:,} with error{note}"
    found = [
        Observation(
            title=f"{where}: {told}",
            media="logs",
            text="\n".join(_shown(now)),
            url=url,
            window=window,
        ),
        Observation(
            title=f"{where}: kinds of message, {len(before):,} lines before and {len(now):,} now",
            media="logs",
            text=_compared(before, now),
            url=url,
            window=whole,
        ),
    ]
    if bursts := _bursts([*before, *now], epoch(whole.start), end):
        title = f"{where}: errors per minute"
        seen = Observation(title=title, media="metrics", text=bursts, url=url, window=whole)
        found.append(seen)
    return found


def kind_of(text: str) -> str:
    """A line without what varies: numbers, ids, quoted values. The level stays."""
    masked = _VARYING.sub("<*>", text[:400])
    return _BLANKS.sub("<*> ", masked).strip()[:300]


def _shown(now: list[LogLine]) -> list[str]:
    """The latest errors in up to half the room, then the latest lines of any kind."""
    several = len({each.component for each in now}) > 1
    texts = [
        (f"{each.component}: {each.text}" if several else each.text)[:_LONGEST] for each in now
    ]
    failing = [at for at in reversed(range(len(now))) if speaks_of_error(texts[at])]
    chosen: set[int] = set()
    room = _ROOM // 2
    for wanted, most in ((failing, SHOWN // 2), (reversed(range(len(now))), SHOWN)):
        for at in wanted:
            room -= 0 if at in chosen else len(texts[at]) + 1
            if room < 0 or len(chosen) >= most:
                break
            chosen.add(at)
        room = max(room, 0) + _ROOM // 2
    return [texts[at] for at in sorted(chosen)]


def _compared(before: list[LogLine], now: list[LogLine]) -> str:
    """Counts per kind, those first that changed most; the rarest are left out."""
    usual = Counter((each.component, kind_of(each.text)) for each in before)
    current = Counter((each.component, kind_of(each.text)) for each in now)
    kinds = sorted(
        usual.keys() | current.keys(), key=lambda kind: (-abs(current[kind] - usual[kind]), kind)
    )
    rows = [[*kind, usual[kind], current[kind]] for kind in kinds[:KINDS] if kind[1]]
    return table(_COUNTED, rows)


def _bursts(lines: list[LogLine], start: float, end: float) -> str:
    """Error lines by component over time, a minute a step or longer; empty without any."""
    step = max(60.0, (end - start) / _MINUTES)
    count = ceil((end - start) / step)
    failing: dict[str, list[int]] = {}
    for each in lines:
        if speaks_of_error(each.text) and start <= each.at <= end:
            steps = failing.setdefault(each.component, [0] * count)
            steps[min(int((each.at - start) / step), count - 1)] += 1
    if not failing:
        return ""
    return table(
        HEADER,
        (
            [stamp(start + at * step), component, "error lines per minute", n * 60.0 / step]
            for component, steps in sorted(failing.items())
            for at, n in enumerate(steps)
        ),
    )
