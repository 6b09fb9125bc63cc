"""What is felt at a component and explained by one that it depends on."""

from collections import deque
from collections.abc import Sequence

from mendwheel.investigation.accused import Accused
from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.conclude import EFFECTS
from mendwheel.investigation.edges import tells_edges
from mendwheel.investigation.telling import shortened
from mendwheel.investigation.walk import Graph

AS_CLEAR = 0.6
"""What lies deeper explains a cause when it is at least so clear, as a share of it."""
FARTHEST = 6
"""Calls in a row that are followed."""
_STATEMENT = 120
_SHOWN = 4


def explained_deeper(case: Case, graph: Graph, proposed: Sequence[Accused]) -> list[Finding]:
    """One finding a cause: the clearest one that it depends on and that is abnormal itself.

    The deeper one has the same fault, or what is proposed is merely what a caller would feel.
    Parts that call each other in a circle explain nothing. A change is neither felt by a caller
    nor abnormal by itself: it takes no part in this.
    """
    proposed = [each for each in proposed if _seen(each)]
    paths = {each.component: paths_from(graph, each.component) for each in proposed}
    found = []
    for each in proposed:
        below = paths[each.component]
        causes = [
            other
            for other in proposed
            if other.component in below
            and (other.fault == each.fault or each.fault in EFFECTS)
            and other.clearness >= AS_CLEAR * each.clearness
            and each.component not in paths[other.component]
        ]
        if causes:
            cause = max(causes, key=lambda other: other.clearness)
            found.append(_explained(case, each, cause, below[cause.component]))
    return found


def paths_from(graph: Graph, start: str) -> dict[str, list[str]]:
    """Each component that `start` depends on, with the shortest way there."""
    paths = {start: [start]}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if len(paths[here]) > FARTHEST:
            continue
        for callee in graph.callees.get(here, {}):
            if callee not in paths:
                paths[callee] = [*paths[here], callee]
                waiting.append(callee)
    del paths[start]
    return paths


def _explained(case: Case, felt: Accused, cause: Accused, path: list[str]) -> Finding:
    strongest = max(_seen(cause), key=lambda finding: finding.weight)
    maps = [
        each.id
        for each in case.exhibits
        if each.id not in strongest.exhibit_ids and tells_edges(each.kind, each.text)
    ]
    way = " -> ".join(path)
    return Finding(
        statement=f"Explained deeper ({way}): {shortened(strongest.statement, _STATEMENT)}.",
        exhibit_ids=[*strongest.exhibit_ids, *maps][:_SHOWN],
        quote=strongest.quote,
        component=felt.component,
        fault=felt.fault,
        weight=0.5,
        sense="graph",
        against=True,
    )


def _seen(accused: Accused) -> list[Finding]:
    """The findings of it that show something wrong, rather than something altered."""
    return [each for each in accused.findings if each.sense != "changes" and not each.against]
