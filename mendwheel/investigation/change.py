"""Before against after: how far a measure moved, judged against its own noise."""

from dataclasses import dataclass
from math import log2
from statistics import fmean, median

from mendwheel.investigation.series import Series

FLOOR = 0.05
"""A usual level is taken to vary by this share of itself at least."""


@dataclass(slots=True, frozen=True)
class Shift:
    """From `before` to `after` (mean over the incident) with the extreme `peak`.

    `score` is a robust z, positive for up: the move in units of the usual spread, which is never
    taken as less than 5 % of the usual level, or 25 % where too few samples tell the spread.
    `at` is the index of the peak, `start` that of the first sample after.
    """

    before: float
    after: float
    peak: float
    score: float
    at: int
    start: int

    @property
    def ratio(self) -> float:
        """after / before, with a zero baseline replaced by a thousandth of the after level."""
        base = abs(self.before) or abs(self.after) / 1000 or 1.0
        return abs(self.after) / base


def shift_of(series: Series) -> Shift | None:
    """The move of a series at its split, or at its own change point when no onset is known."""
    values = series.values
    split = series.split if series.split is not None else change_point(values)
    if split is None:
        return None
    before = [v for v in values[:split] if v is not None]
    after = [(v, i) for i, v in enumerate(values) if i >= split and v is not None]
    if not after:
        return None
    # A stated normal mean and the last samples before the onset must both be left behind:
    # a level that was already high before the onset is not what broke it.
    levels = [fmean(before)] if before else []
    if series.usual is not None:
        levels.append(series.usual)
    if not levels:
        return None
    now = fmean(v for v, _ in after)
    base = min(levels, key=lambda level: abs(now - level))
    peak, at = max(after, key=lambda pair: abs(pair[0] - base))
    known = series.spread is not None or len(before) >= 3
    floor = (FLOOR if known else 0.25) * abs(base)
    noise = max(series.spread or 0.0, _spread(before), floor, 1e-9)
    return Shift(base, now, peak, (now - base) / noise, at, split)


def mean_of(values: list[float | None]) -> float:
    """Mean of what is present, 0 when nothing is: a rate that is not listed is no rate."""
    present = [v for v in values if v is not None]
    return fmean(present) if present else 0.0


def _spread(values: list[float]) -> float:
    if len(values) < 3:
        return 0.0
    middle = median(values)
    return 1.4826 * median(abs(v - middle) for v in values)


def change_point(values: list[float | None]) -> int | None:
    """Where splitting the series in two leaves the least squared error; None if it hardly helps.

    Linear: running sums give the error of each split. The second part keeps two samples or more.
    """
    points = [(i, v) for i, v in enumerate(values) if v is not None]
    n = len(points)
    if n < 4:
        return None
    total = sum(v for _, v in points)
    grand = total / n
    whole = sum((v - grand) ** 2 for _, v in points)
    if whole <= 1e-12 * max(1.0, grand * grand):
        return None
    best, best_gain, running = None, 0.0, 0.0
    for k, (_, value) in enumerate(points[:-2], start=1):
        running += value
        gap = running / k - (total - running) / (n - k)
        gain = gap * gap * k * (n - k) / n
        if gain > best_gain:
            best, best_gain = points[k][0], gain
    return best if best_gain >= 0.5 * whole else None


def strength(shift: Shift, bad: int, percent: bool) -> float:
    """0..1: how strongly a shift in the bad direction (+1 up, -1 down) speaks of trouble."""
    move = (shift.after - shift.before) * bad
    if move <= 0 or abs(shift.score) < 3:
        return 0.0
    if percent:  # points of percent compare across services where ratios of idle ones do not
        return min(1.0, 0.4 + move / 60) if move >= 12 else 0.02 * move
    ratio = shift.ratio if bad > 0 else 1 / max(shift.ratio, 1e-3)
    return max(0.0, min(1.0, 0.25 * log2(max(ratio, 1.0)) + 0.1)) * min(1.0, abs(shift.score) / 6)
