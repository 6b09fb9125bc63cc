"""Walks from the component that hurts to the callee that explains it, and on, until none does."""

from dataclasses import dataclass, field
from itertools import zip_longest
from math import sqrt
from statistics import fmean

from mendwheel.investigation.change import Shift
from mendwheel.investigation.series import Series
from mendwheel.investigation.vocabulary import is_store, seen_from_outside

# A callee takes the blame over when it accounts for this share of its caller's excess.
SHARE = 0.5


@dataclass(slots=True)
class Graph:
    """Who calls whom; callees keep their order of appearance."""

    callees: dict[str, dict[str, None]] = field(default_factory=dict)
    callers: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, caller: str, callee: str) -> None:
        """Records that `caller` depends on `callee`."""
        self.callees.setdefault(caller, {})[callee] = None
        self.callers.setdefault(callee, {})[caller] = None


@dataclass(slots=True)
class Hurt:
    """How one symptom (latency, errors or availability) of one component moved.

    `bad` is +1 where up is bad, -1 where down is; `firm` says that it stands out by itself; `tail`
    is another statistic of the same symptom, a high percentile where there is one.
    """

    series: Series
    shift: Shift
    bad: int
    exhibit: str
    firm: bool
    tail: Series | None = None

    def excess(self, traffic: dict[str, Series]) -> float:
        """Harm in total, not per call: a callee's share is judged by what it adds in all.

        Without request counts every component counts as called equally often; a sample that is
        missing counts as the mean of the others, so that a gap takes no harm away.
        """
        volume = traffic.get(self.series.component)
        counts = volume.values[self.shift.start :] if volume is not None else []
        usual = fmean([c for c in counts if c is not None] or [1.0])
        values = self.series.values[self.shift.start :]
        harms = [
            (value - self.shift.before) * self.bad * (usual if count is None else count)
            for value, count in zip_longest(values, counts[: len(values)])
            if value is not None
        ]
        total = fmean(harms) * len(values) if harms else 0.0
        return total * (0.5 if seen_from_outside(self.series.component) else 1.0)


def root_of(
    start: str, hurts: dict[str, Hurt], graph: Graph, traffic: dict[str, Series]
) -> list[str]:
    """The path from `start` down to the component that no callee of its own explains."""
    path = [start]
    while len(path) < 50:
        here = path[-1]
        mine = hurts[here].excess(traffic) if here in hurts else 0.0
        counted = traffic if here in traffic else {}
        ranked = sorted(
            (
                (hurts[callee].excess(counted if callee in traffic else {}), callee)
                for callee in graph.callees.get(here, {})
                if callee in hurts and callee not in path and (hurts[callee].firm or mine > 0)
            ),
            reverse=True,
        )
        if not ranked or ranked[0][0] <= 0 or ranked[0][0] < SHARE * mine:
            break
        path.append(ranked[0][1])
    return path


def starting_points(named: list[str], hurts: dict[str, Hurt], graph: Graph) -> list[str]:
    """Where to begin: what the ticket names, else what hurts while its callers do not."""
    if start := [name for name in named if name in hurts]:
        return start[:3]
    firm = {c for c, hurt in hurts.items() if hurt.firm}
    tops = [c for c in firm if not any(p in firm for p in graph.callers.get(c, {}))]
    return sorted(tops or firm, key=lambda c: (-abs(hurts[c].shift.score), c))[:3]


def family_at(last: Hurt, kind: str, graph: Graph) -> str:
    """What the fault at the end of a walk is called when only the symptom is known.

    What calls nothing waits for nobody: if it is
    a store, or its mean climbs over its own tail because a few calls queue endlessly, it is
    overloaded. A delay that was put into the code slows many calls alike.
    """
    if kind in ("errors", "availability"):
        return "errors"
    component = last.series.component
    leaf = component in graph.callers and not graph.callees.get(component)
    overloaded = leaf and (is_store(component) or _over_its_tail(last))
    return "overload" if overloaded else "latency"


def _over_its_tail(last: Hurt) -> bool:
    if last.tail is None:
        return False
    start = last.shift.start
    pairs = zip(last.series.values[start:], last.tail.values[start:], strict=False)
    return any(mean is not None and high is not None and mean > high > 0 for mean, high in pairs)


def certainty(last: Hurt) -> float:
    """0..1: a walk is as good as the move it ends on is clear."""
    return min(0.9, 0.45 + 0.08 * sqrt(abs(last.shift.score)))
