"""Figures that would show a fault, had it been there, and held their level instead."""

from collections.abc import Iterable, Sequence

from mendwheel.investigation.accused import Accused
from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.change import mean_of, shift_of
from mendwheel.investigation.figures import amount, unit_of
from mendwheel.investigation.reading import quotable
from mendwheel.investigation.series import Series
from mendwheel.investigation.telemetry import Telemetry
from mendwheel.investigation.vocabulary import choose_fault, metric_kind

STEADY, EXTREME = 0.15, 0.5
"""Shares of the usual level by which the mean, and one sample, may differ where nothing moved."""
FEWEST = 4
"""Samples from which a level can be told."""
_SHOWN = ("cpu", "memory", "disk", "free", "connections", "lag", "latency", "errors",
          "availability", "queue")  # fmt: skip
"""Kinds of figures whose fault cannot be there while they hold their level."""


def held_level(case: Case, telemetry: Telemetry, proposed: Sequence[Accused]) -> list[Finding]:
    """One finding a cause, where all the figures of its kind at its component held their level."""
    found = []
    for each in proposed:
        telling = list(_telling(case, telemetry, each))
        if telling and all(_holds(series) for _, series in telling):
            found.append(_held(each, telling))
    return found


def _telling(case: Case, telemetry: Telemetry, accused: Accused) -> Iterable[tuple[str, Series]]:
    """The figures of the component that this kind of fault would move, with their exhibits."""
    for identity, series in telemetry.series:
        kind = metric_kind(series.measure)
        if kind is None or kind[0] not in _SHOWN or series.operation:
            continue
        if series.component == accused.component and (
            choose_fault(kind[1], case.faults) == accused.fault
        ):
            yield identity, series


def _holds(series: Series) -> bool:
    """Whether there is enough to tell, and no move in it that would matter."""
    if sum(value is not None for value in series.values) < FEWEST:
        return False
    shift = shift_of(series)
    if shift is None:  # no onset was told, and no moment divides it in two
        return series.split is None
    level = abs(shift.before)
    moved, farthest = abs(shift.after - shift.before), abs(shift.peak - shift.before)
    return moved <= STEADY * level and farthest <= EXTREME * level


def _held(accused: Accused, telling: Sequence[tuple[str, Series]]) -> Finding:
    series = telling[0][1]
    more = f", and so did {len(telling) - 1} more of its kind" if len(telling) > 1 else ""
    return Finding(
        statement=f"{series.measure} of {series.subject} held its level{_level(series)}{more}.",
        exhibit_ids=list(dict.fromkeys(each for each, _ in telling))[:4],
        quote=quotable(series.quote or (series.lines[-1] if series.lines else "")),
        component=accused.component,
        fault=accused.fault,
        weight=0.5,
        sense="metrics",
        against=True,
    )


def _level(series: Series) -> str:
    shift, unit = shift_of(series), unit_of(series.measure)
    rate = "/s" if series.rate else ""
    if shift is None:
        return f" at {amount(mean_of(series.values), unit)}{rate}"
    return f": {amount(shift.before, unit)}{rate} before, {amount(shift.after, unit)}{rate} now"
