"""What a walk says of the components it passed: they hurt, and one that they call explains it."""

from itertools import pairwise

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.figures import course
from mendwheel.investigation.reading import quotable
from mendwheel.investigation.series import Series
from mendwheel.investigation.vocabulary import choose_fault
from mendwheel.investigation.walk import Hurt, certainty

PASSED = 3
"""Components of one walk that are spoken of: where it began, and the next ones."""


def passed_by(
    case: Case, kind: str, path: list[str], hurts: dict[str, Hurt], traffic: dict[str, Series]
) -> list[Finding]:
    """One finding a component on the way: its own move, and whose share of it lies deeper."""
    fault = choose_fault("latency" if kind == "latency" else "errors", case.faults)
    found = []
    for here, callee in list(pairwise(path))[:PASSED]:
        if here not in hurts or fault is None:
            continue
        hurt, mine = hurts[here], hurts[here].excess(traffic)
        share = min(1.0, hurts[callee].excess(traffic) / mine) if mine > 0 else 0.0
        much = f"{share:.0%} of its move" if share > 0 else "more harm than it shows itself"
        series = hurt.series
        moved = f"{series.measure} of {series.subject} {course(series, hurt.shift)}"
        found.append(
            Finding(
                statement=f"{callee}, which {here} calls, accounts for {much}: {moved}.",
                exhibit_ids=list(dict.fromkeys([hurt.exhibit, hurts[callee].exhibit])),
                quote=quotable(
                    series.quote or (series.lines[hurt.shift.at] if series.lines else "")
                ),
                component=here,
                fault=fault,
                weight=certainty(hurt),
                sense="graph",
                against=True,
            )
        )
    return found
