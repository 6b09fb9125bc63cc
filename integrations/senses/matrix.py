"""Reads the matrix that Prometheus and Loki answer a range query with; gaps stay gaps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import Any

from mendwheel.integrations.senses.windows import stamp
from mendwheel.ports import SenseError

HEADER = ("time", "component", "metric", "value")
ROWS = 15_000
SERIES_READ = 2000
"""Of one answer; each takes room for every step, however few values it has."""


@dataclass(slots=True)
class Line:
    """One series: `values` at even steps from the start of the query; None is a gap."""

    component: str
    values: list[float | None]

    def moved(self) -> float:
        """How far its second half left its first, as a share of the larger level."""
        half = len(self.values) // 2
        before = [v for v in self.values[:half] if v is not None]
        after = [v for v in self.values[half:] if v is not None]
        if not before or not after:
            return 1.0
        a, b = fmean(before), fmean(after)
        return abs(b - a) / (max(abs(a), abs(b)) or 1.0)


def read_matrix(
    where: str, answer: Any, start: float, step: float, count: int, label: str, otherwise: str
) -> list[Line]:
    """The series of an answer, named by `label`, else by what tells them apart.

    Raises SenseError: the answer is no matrix.
    """
    try:
        data = answer["data"]
        if data["resultType"] != "matrix":
            raise SenseError(f"{where} answered a {str(data['resultType'])[:20]}, not a matrix")
        return [
            Line(
                _named(dict(each["metric"]), label, otherwise, len(data["result"])),
                _even(each["values"], start, step, count),
            )
            for each in data["result"][:SERIES_READ]
        ]
    except (TypeError, KeyError, ValueError, AttributeError, IndexError, OverflowError):
        raise SenseError(
            f"{where} answered in a shape that is not that of its API: check the address"
        ) from None


def _named(labels: dict[str, Any], label: str, otherwise: str, among: int) -> str:
    name = str(labels.get(label) or "")
    rest = {k: v for k, v in labels.items() if k not in (label, "__name__")}
    if not rest:
        return name or otherwise
    if pod := rest.get("pod"):  # whose workload its name tells
        return str(pod)[:200]
    if among == 1:
        return name or otherwise
    told = " ".join(f"{key}={value}" for key, value in sorted(rest.items()))
    return f"{name or otherwise} ({told})"[:200]


def _even(values: Any, start: float, step: float, count: int) -> list[float | None]:
    """Samples put where they belong; what is missing, NaN or infinite stays None."""
    even: list[float | None] = [None] * count
    for moment, text in values:
        at = round((float(moment) - start) / step)
        value = float(text)
        if 0 <= at < count and isfinite(value):
            even[at] = value
    return even


def rows(lines: Sequence[Line], metric: str, start: float, step: float) -> Iterator[list[object]]:
    """Rows of a table under `HEADER`, as many series as fit, whole ones only."""
    left = ROWS
    for line in lines:
        left -= len(line.values)
        if left < 0:
            return
        for at, value in enumerate(line.values):
            yield [stamp(start + at * step), line.component, metric, value]
