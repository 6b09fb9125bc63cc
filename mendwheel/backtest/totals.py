"""What a backtest comes to, with the interval in which the share of later tickets may lie."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from statistics import median

from pydantic import BaseModel

from mendwheel.backtest.gaps import Gap, gaps
from mendwheel.backtest.judge import Judged, Verdict

_Z = 1.96


class Share(BaseModel):
    """`count` of `of`; `low` and `high` are the Wilson interval at 95 %."""

    count: int
    of: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        return self.count / self.of if self.of else 0.0


class Totals(BaseModel):
    """The figures of the page."""

    issues: int
    resolved: Share
    wrong: Share
    unknown: Share
    handed_over: Share
    wrong_of_told: Share
    """Of the answers that can be held against something: how many differ."""
    hours_saved: float
    hours_by: str
    """How the hours were counted, for people."""
    median_hours: float | None
    median_seconds: float | None
    gaps: list[Gap]


def totals(judged: Sequence[Judged], minutes: float | None = None) -> Totals:
    """`minutes`: of work that one issue takes people; none: the time it was open counts."""
    counts = Counter(each.verdict for each in judged)
    whole = len(judged)
    right, wrong = counts[Verdict.AGREES], counts[Verdict.DIFFERS]
    open_for = [each.issue.hours for each in judged if each.issue.hours is not None]
    saved, how = _hours([each for each in judged if each.verdict is Verdict.AGREES], minutes)
    return Totals(
        issues=whole,
        resolved=share(right, whole),
        wrong=share(wrong, whole),
        unknown=share(counts[Verdict.UNKNOWN], whole),
        handed_over=share(counts[Verdict.HANDED_OVER], whole),
        wrong_of_told=share(wrong, right + wrong),
        hours_saved=round(saved, 1),
        hours_by=how,
        median_hours=round(median(open_for), 2) if open_for else None,
        median_seconds=round(median(e.row.seconds for e in judged), 2) if judged else None,
        gaps=gaps(judged),
    )


def _hours(resolved: Sequence[Judged], minutes: float | None) -> tuple[float, str]:
    if minutes is not None:
        return len(resolved) * minutes / 60, f"{minutes:g} minutes of work for each issue, as told"
    spent = [each.issue.hours for each in resolved if each.issue.hours is not None]
    return sum(spent), (
        "the time from creation to resolution, which is how long people waited and not how long "
        "anybody worked: `--minutes` counts work instead"
    )


def share(count: int, of: int) -> Share:
    """Wilson's interval; 0 to 1 where there is nothing to count."""
    if not of:
        return Share(count=0, of=0, low=0.0, high=1.0)
    rate, square = count / of, _Z * _Z
    centre, spread = (
        rate + square / (2 * of),
        _Z * sqrt(rate * (1 - rate) / of + square / (4 * of * of)),
    )
    low, high = (centre - spread) / (1 + square / of), (centre + spread) / (1 + square / of)
    return Share(count=count, of=of, low=round(max(0.0, low), 4), high=round(min(1.0, high), 4))
