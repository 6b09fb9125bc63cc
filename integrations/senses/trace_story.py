"""What a look at traces brings back: who calls whom, how each service moved, the worst traces."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from mendwheel.domain.observation import Observation, Window
from mendwheel.integrations.senses.matching import segment
from mendwheel.integrations.senses.matrix import HEADER
from mendwheel.integrations.senses.spans import Span, Visit, deepest_failures
from mendwheel.integrations.senses.windows import epoch, stamp, table

Edge = tuple[str, str]
CALLS = (
    *("caller", "callee", "calls before", "calls now", "caller ms before", "caller ms now"),
    *("callee ms before", "callee ms now", "errors percent before", "errors percent now"),
)
WORST = 20


def topology(calls: Mapping[Edge, int], seen: Sequence[Visit]) -> str:
    """`caller -> callee: 12 calls with 3 % errors and 45 ms`, the busiest first."""
    by_edge: dict[Edge, list[Visit]] = defaultdict(list)
    for visit in seen:
        if visit.caller:
            by_edge[visit.caller, visit.service].append(visit)
    counted = {edge: len(each) for edge, each in by_edge.items()} | dict(calls)
    lines = []
    for edge in sorted(counted, key=lambda edge: (-counted[edge], edge)):
        told = f"{edge[0]} -> {edge[1]}: {counted[edge]} calls"
        if sampled := by_edge.get(edge):
            told += f" with {_errors(sampled):.3g} % errors and {_mean(sampled):.4g} ms"
        lines.append(told)
    return "\n".join(lines)


def services_over_time(seen: Sequence[Visit], parts: Sequence[Window]) -> str:
    """Mean latency, errors and requests of each service, a row for each part and measure."""
    starts = [epoch(part.start) for part in parts]
    by_service: dict[str, list[list[Visit]]] = {}
    for visit in seen:
        at = sum(start <= visit.at for start in starts) - 1
        if at >= 0:
            by_service.setdefault(visit.service, [[] for _ in parts])[at].append(visit)
    rows: list[list[object]] = []
    for service, sampled in sorted(by_service.items()):
        for at, each in enumerate(sampled):
            moment = stamp(starts[at])
            rows.append([moment, service, "latency mean ms", _mean(each)])
            rows.append([moment, service, "errors percent", _errors(each)])
            rows.append([moment, service, "sampled requests", len(each)])
    return table(HEADER, rows)


def calls_compared(seen: Sequence[Visit], since: float) -> str:
    """What caller and callee saw of each call, before `since` and from then on."""
    by_edge: dict[Edge, tuple[list[Visit], list[Visit]]] = {}
    for visit in seen:
        if visit.caller:
            pair = by_edge.setdefault((visit.caller, visit.service), ([], []))
            pair[visit.at >= since].append(visit)
    rows: list[list[object]] = []
    for edge, pair in sorted(by_edge.items()):
        row: list[object] = [*edge]
        for measure in (len, _waited, _own, _errors):
            row += [measure(each) for each in pair]
        rows.append(row)
    return table(CALLS, rows)


def worst(spans: Sequence[Span], page: str) -> str:
    """The traces that failed, and the slowest, with where each failed first; for people."""
    by_trace: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_trace[span.key[0]].append(span)
    ranked = sorted(
        by_trace.values(), key=lambda each: (not any(s.failed for s in each), -_longest(each).ms)
    )
    lines = []
    for each in ranked[:WORST]:
        root = _longest(each)
        told = f"{stamp(root.at)} {root.ms:.4g} ms in {root.service} {root.operation}"
        if failed := deepest_failures(each):
            told += f" failed first in {failed[0].service} {failed[0].operation}"
        lines.append(f"{told} {page}/trace/{segment(root.key[0])}")
    return "\n".join(lines)


def observations(
    where: str,
    calls: Mapping[Edge, int],
    seen: Sequence[Visit],
    spans: Sequence[Span],
    parts: Sequence[Window],
    window: Window,
    url: str,
    page: str,
) -> list[Observation]:
    """Those that have something to tell."""
    whole = Window(start=parts[0].start, end=parts[-1].end)
    services = len({visit.service for visit in seen})
    told = [
        (f"{where}: who calls whom", "topology", topology(calls, seen)),
        (
            f"{where}: {services} services over time",
            "metrics",
            services_over_time(seen, parts) if seen else "",
        ),
        (
            f"{where}: calls before and now",
            "metrics",
            calls_compared(seen, epoch(window.start)) if any(v.caller for v in seen) else "",
        ),
        (f"{where}: worst traces", "traces", worst(spans, page)),
    ]
    return [
        Observation(title=title, media=media, text=text, url=url, window=whole)
        for title, media, text in told
        if text
    ]


def _longest(spans: Sequence[Span]) -> Span:
    return max(spans, key=lambda span: span.ms)


def _mean(seen: Sequence[Visit]) -> float | None:
    return fmean(visit.ms for visit in seen) if seen else None


def _own(seen: Sequence[Visit]) -> float | None:
    return _mean([visit for visit in seen if visit.seen])


def _waited(seen: Sequence[Visit]) -> float | None:
    waited = [visit.caller_ms for visit in seen if visit.caller_ms is not None]
    return fmean(waited) if waited else None


def _errors(seen: Sequence[Visit]) -> float | None:
    return 100 * sum(visit.failed for visit in seen) / len(seen) if seen else None
