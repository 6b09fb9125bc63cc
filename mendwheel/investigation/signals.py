"""Facts from metrics, traces and topology: what moved, where it hurts, what explains it."""

from dataclasses import dataclass, field

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.change import Shift, shift_of, strength
from mendwheel.investigation.clock import onset
from mendwheel.investigation.gaps import gap_findings
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, open_exhibit, quotable
from mendwheel.investigation.series import Call, Series, calls_of, series_of
from mendwheel.investigation.tables import read_table
from mendwheel.investigation.timeseries_json import json_findings
from mendwheel.investigation.vocabulary import choose_fault, metric_kind
from mendwheel.investigation.walk import (
    Graph,
    Hurt,
    certainty,
    family_at,
    read_graph,
    root_of,
    starting_points,
)

_SYMPTOMS = ("latency", "errors", "availability")
_CAUSES = ("cpu", "memory", "disk", "free", "connections", "lag", "restarts", "queue")
FINDING_LIMIT = 40


@dataclass(slots=True)
class Telemetry:
    """All series and calls of a case, each with the id of the exhibit it came from."""

    series: list[tuple[str, Series]] = field(default_factory=list)
    calls: list[tuple[str, Call]] = field(default_factory=list)
    graph: Graph = field(default_factory=Graph)


def signals(case: Case) -> list[Finding]:
    """Findings from figures, strongest first. Never raises on malformed evidence."""
    names = Names(case.components)
    documents = [open_exhibit(exhibit) for exhibit in case.exhibits]
    telemetry = _gather(case, documents, names)
    findings = _causes(case, telemetry)
    gaps = gap_findings(case, telemetry.calls)
    findings += gaps + _walks(case, telemetry, names, {f.component for f in gaps})
    for document in documents:
        if document.data is not None and not document.failed:
            findings += json_findings(document, case)
    return sorted(findings, key=lambda f: -f.weight)[:FINDING_LIMIT]


def _gather(case: Case, documents: list[Document], names: Names) -> Telemetry:
    telemetry = Telemetry()
    began = onset(f"{case.title}\n{case.body}")
    tables = []
    for document in documents:
        if document.data is not None or document.failed or document.reference:
            continue
        if "->" in document.body or "→" in document.body:
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


def _causes(case: Case, telemetry: Telemetry) -> list[Finding]:
    """Resources that ran hot or dry: a cause by themselves, not only a symptom."""
    findings = []
    for identity, series in telemetry.series:
        kind = metric_kind(series.measure)
        if kind is None or kind[0] not in _CAUSES:
            continue
        shift = shift_of(series)
        if shift is None:
            continue
        percent = "%" in series.measure or "percent" in series.measure.lower()
        weight = strength(shift, kind[2], percent)
        if weight >= 0.3:
            findings.append(_moved(case, identity, series, shift, kind[1], min(weight, 0.97)))
    return findings


def _moved(
    case: Case, identity: str, series: Series, shift: Shift, family: str, weight: float
) -> Finding:
    verb = "rose" if shift.after > shift.before else "fell"
    return Finding(
        statement=(
            f"{series.measure} of {series.subject} {verb} from {shift.before:.4g} "
            f"to {shift.after:.4g} (extreme {shift.peak:.4g})."
        ),
        exhibit_ids=[identity],
        quote=quotable(series.quote or (series.lines[shift.at] if series.lines else "")),
        component=series.component,
        fault=choose_fault(family, case.faults),
        weight=weight,
        sense="signals",
    )


def _walks(
    case: Case, telemetry: Telemetry, names: Names, gapped: set[str | None]
) -> list[Finding]:
    symptoms, traffic = _symptoms(telemetry)
    named = names.mentioned(
        f"{case.title}\n{case.body}", {s.component for _, s in telemetry.series}
    )
    asked = metric_kind(case.title)
    kinds = [asked[0]] if named and asked and asked[0] in symptoms else list(symptoms)
    findings: list[Finding] = []
    for kind in kinds:
        hurts = symptoms[kind]
        for start in starting_points(named, hurts, telemetry.graph):
            path = root_of(start, hurts, telemetry.graph, traffic)
            last = hurts[path[-1]]
            if last.firm or len(path) > 1 or asked:
                finding = _walked(case, kind, path, last)
                # Slow because calls get lost on the way: an effect. So is a symptom whose kind
                # is not among the faults to choose from.
                if gapped & telemetry.graph.callees.get(path[-1], {}).keys():
                    finding.weight *= 0.6
                if finding.fault is None:
                    finding.weight *= 0.4
                findings.append(finding)
    return findings


def _walked(case: Case, kind: str, path: list[str], last: Hurt) -> Finding:
    family = family_at(path[-1], kind)
    finding = _moved(case, last.exhibit, last.series, last.shift, family, certainty(last))
    finding.statement = f"Following {kind} along {' -> '.join(path[:6])}: {finding.statement}"
    return finding


def _symptoms(telemetry: Telemetry) -> tuple[dict[str, dict[str, Hurt]], dict[str, Series]]:
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
        # Averages add up along a call path, percentiles do not: the first listed one is kept.
        hurt = Hurt(series, shift, kind[2], identity, firm)
        symptoms.setdefault(kind[0], {}).setdefault(series.component, hurt)
    return symptoms, traffic
