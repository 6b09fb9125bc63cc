"""Time lost between a caller and its callee: slow calls whose callee was not slow itself."""

from math import log10

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.reading import quotable
from mendwheel.investigation.series import Call
from mendwheel.investigation.vocabulary import choose_fault

_BETWEEN = ("outside", "overhead", "transit", "network", "wire")


def _unit(measure: str) -> float:
    """Seconds in one unit of the measure; seconds unless its name says otherwise."""
    words = measure.split()
    if "ms" in words or "millis" in measure:
        return 1e-3
    return 1e-6 if "us" in words or "micros" in measure else 1.0


def _gap(call: Call) -> tuple[float, float] | None:
    """Seconds (before, now) spent between the two, where the figures tell it."""
    for measure, (before, now) in call.figures.items():
        if any(word in measure for word in _BETWEEN) and before is not None and now is not None:
            unit = _unit(measure)
            return before * unit, now * unit
    sides: dict[str, tuple[float | None, float | None]] = {}
    for measure, pair in call.figures.items():
        for side in ("caller", "callee"):
            if side in measure:
                sides.setdefault(side, pair)
    if len(sides) < 2:
        return None
    (a, b), (c, d) = sides["caller"], sides["callee"]
    if a is None or b is None or c is None or d is None:
        return None
    return a - c, b - d


def gap_findings(case: Case, calls: list[tuple[str, Call]]) -> list[Finding]:
    """One finding a callee: the worst of its callers, firmer when several callers agree."""
    worst: dict[str, tuple[float, str, Call, float, float]] = {}
    agreeing: dict[str, int] = {}
    for identity, call in calls:
        gap = _gap(call)
        if gap is None:
            continue
        # Asynchronous calls overlap their caller: a negative gap is no gap. 2 ms is plain jitter.
        before, now = max(gap[0], 0.0), gap[1]
        rise = now - before
        if rise < 0.02:
            continue
        weight = min(1.0, log10(1 + rise / max(before, 0.002)) / 2)
        if weight < 0.3:
            continue
        agreeing[call.callee] = agreeing.get(call.callee, 0) + 1
        if call.callee not in worst or weight > worst[call.callee][0]:
            worst[call.callee] = (weight, identity, call, before, now)
    return [
        Finding(
            statement=(
                f"Calls from {call.caller} to {callee} lost {now * 1000:.4g} ms between the two, "
                f"{before * 1000:.4g} ms before; {agreeing[callee]} caller(s) saw it."
            ),
            exhibit_ids=[identity],
            quote=quotable(call.quote),
            component=callee,
            fault=choose_fault("network", case.faults),
            weight=min(0.85, 0.8 * weight + 0.03 * agreeing[callee]),
            sense="signals",
        )
        for callee, (weight, identity, call, before, now) in worst.items()
    ]
