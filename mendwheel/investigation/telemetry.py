"""Collects every series, call and dependency of a case before anything is judged."""

import re
from dataclasses import dataclass, field

from mendwheel.investigation.case import Case
from mendwheel.investigation.change import shift_of, strength
from mendwheel.investigation.clock import onset
from mendwheel.investigation.edges import read_graph, tells_edges
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, open_exhibit
from mendwheel.investigation.series import Call, Series, calls_of, series_of
from mendwheel.investigation.tables import read_table
from mendwheel.investigation.vocabulary import metric_kind
from mendwheel.investigation.walk import Graph, Hurt

_PERCENTILE = re.compile(r"p\d\d|\b\d\d(th|\.\d)|percentile|quantile|max")
_SYMPTOMS = ("latency", "errors", "availability")


@dataclass(slots=True)
class Telemetry:
    """All series and calls of a case, each with the id of the exhibit it came from."""

    series: list[tuple[str, Series]] = field(default_factory=list)
    calls: list[tuple[str, Call]] = field(default_factory=list)
    graph: Graph = field(default_factory=Graph)


def gather(case: Case, documents: list[Document], names: Names) -> Telemetry:
    """Names made canonical; documents that failed or only advise are left out."""
    telemetry = Telemetry()
    began = onset(f"{case.title}\n{case.body}")
    tables = []
    for document in documents:
        if document.data is not None or document.failed or document.reference:
            continue
        if tells_edges(document.exhibit.kind, document.body):
            read_graph(telemetry.graph, document.body)
        if (table := read_table(document.body)) is not None:
            tables.append((document.exhibit.id, table))
    known = set(case.components)
    for identity, table in tables:
        for series in series_of(table, began):
            series.component = names.canonical(series.component)
            known.add(series.component)
            telemetry.series.append((identity, series))
    for identity, table in tables:
        for call in calls_of(table, known):
            telemetry.calls.append((identity, call))
            telemetry.graph.add(call.caller, call.callee)
    return telemetry


def graph_of(case: Case, names: Names) -> Graph:
    """Who calls whom, by everything in the case that tells it."""
    return gather(case, [open_exhibit(exhibit) for exhibit in case.exhibits], names).graph


def symptoms_of(telemetry: Telemetry) -> tuple[dict[str, dict[str, Hurt]], dict[str, Series]]:
    """Per kind of symptom, how each component moved; and each component's request counts."""
    symptoms: dict[str, dict[str, Hurt]] = {}
    traffic: dict[str, Series] = {}
    for identity, series in telemetry.series:
        kind = metric_kind(series.measure)
        if kind is None:
            continue
        if kind[0] == "traffic":
            traffic.setdefault(series.component, series)
        if kind[0] not in _SYMPTOMS or series.operation or "client" in series.measure.lower():
            continue  # one operation, or what a caller saw of its callees, is not the component
        shift = shift_of(series)
        if shift is None:
            continue
        firm = strength(shift, kind[2], kind[0] == "availability") >= 0.1
        hurt = Hurt(series, shift, kind[2], identity, firm)
        known = symptoms.setdefault(kind[0], {})
        other = known.get(series.component)
        if other is None or _adds_up(series) > _adds_up(other.series):
            hurt.tail = other.series if other else None
            known[series.component] = hurt
        else:
            other.tail = series
    return symptoms, traffic


def _adds_up(series: Series) -> tuple[bool, int, str]:
    """Averages add up along a call path, percentiles do not; then the longer series, by name."""
    return not _PERCENTILE.search(series.measure.lower()), len(series.values), series.measure
