"""Facts from metrics, traces and topology: what moved, where it hurts, what explains it."""

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.change import Shift, shift_of, strength
from mendwheel.investigation.figures import course
from mendwheel.investigation.gaps import gap_findings
from mendwheel.investigation.names import Names
from mendwheel.investigation.operations import operation_findings
from mendwheel.investigation.passed import passed_by
from mendwheel.investigation.reading import open_exhibit, quotable
from mendwheel.investigation.series import Series
from mendwheel.investigation.telemetry import Telemetry, gather, symptoms_of
from mendwheel.investigation.timeseries_json import json_findings
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault, metric_kind
from mendwheel.investigation.walk import Hurt, certainty, family_at, root_of, starting_points

_CAUSES = ("cpu", "memory", "disk", "free", "connections", "lag", "restarts", "queue")
FINDING_LIMIT = 40


def signals(case: Case) -> list[Finding]:
    """Findings from figures, strongest first. Never raises on malformed evidence."""
    moved, explained, _ = _judged(case)
    return sorted(moved + explained, key=lambda f: -f.weight)[:FINDING_LIMIT]


def metrics(case: Case) -> list[Finding]:
    """What moved by itself: resources, figures in tool output, or that all held their level."""
    return sorted(_judged(case)[0], key=lambda f: -f.weight)[:FINDING_LIMIT]


def service_graph(case: Case) -> list[Finding]:
    """What follows from who calls whom: where a walk ends, time lost between two, other paths."""
    _, explained, passed = _judged(case)
    return sorted(explained + passed, key=lambda f: -f.weight)[:FINDING_LIMIT]


def _judged(case: Case) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """Findings of figures by themselves, of the service graph, and of what its walks passed."""
    names = Names(case.components)
    documents = [open_exhibit(exhibit) for exhibit in case.exhibits]
    telemetry = gather(case, documents, names)
    causes = _causes(case, telemetry)
    gaps = gap_findings(case, telemetry.calls)
    walks, passed = _walks(case, telemetry, names, {f.component for f in gaps})
    known = {f.component: f.fault for f in sorted(causes, key=lambda f: f.weight) if f.fault}
    for walk in walks:  # a resource that ran out where the walk ends names the fault
        walk.fault = known.get(walk.component, walk.fault)
    explained = gaps + walks + operation_findings(case, telemetry.series)
    moved = causes if causes or explained else _steady(case, telemetry)
    for document in documents:
        if document.data is not None and not document.failed:
            moved = moved + json_findings(document, case)
    return moved, explained, passed


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


def _steady(case: Case, telemetry: Telemetry) -> list[Finding]:
    """Calm, where enough series of enough samples were judged and none of them moved."""
    judged: dict[str, int] = {}
    for identity, series in telemetry.series:
        kind = metric_kind(series.measure)
        if kind is None or len(series.values) < 4:
            continue
        shift = shift_of(series)
        if shift is not None and strength(shift, kind[2], False) >= 0.1:
            return []
        judged[identity] = judged.get(identity, 0) + 1
    return [
        Finding(
            statement=f"All {count} series held their level.",
            exhibit_ids=[identity],
            fault=choose_fault(HEALTHY, case.faults) or HEALTHY,
            weight=0.4,
            sense="signals",
        )
        for identity, count in judged.items()
        if count >= 3
    ]


def _moved(
    case: Case, identity: str, series: Series, shift: Shift, family: str, weight: float
) -> Finding:
    return Finding(
        statement=f"{series.measure} of {series.subject} {course(series, shift)}.",
        exhibit_ids=[identity],
        quote=quotable(series.quote or (series.lines[shift.at] if series.lines else "")),
        component=series.component,
        fault=choose_fault(family, case.faults),
        weight=weight,
        sense="signals",
    )


def _walks(
    case: Case, telemetry: Telemetry, names: Names, gapped: set[str | None]
) -> tuple[list[Finding], list[Finding]]:
    """Where walks end, and what is said against the components they passed."""
    symptoms, traffic = symptoms_of(telemetry)
    named = names.mentioned(
        f"{case.title}\n{case.body}", {s.component for _, s in telemetry.series}
    )
    asked = metric_kind(case.title)
    kinds = [asked[0]] if named and asked and asked[0] in symptoms else list(symptoms)
    findings: list[Finding] = []
    passed: list[Finding] = []
    for kind in kinds:
        hurts = symptoms[kind]
        ends: dict[str, list[str]] = {}
        for start in starting_points(named, hurts, telemetry.graph):
            path = root_of(start, hurts, telemetry.graph, traffic)
            if len(path) > len(ends.get(path[-1], ())):
                ends[path[-1]] = path
        for end, path in ends.items():
            if hurts[end].firm or len(path) > 1 or asked:
                lost = gapped & telemetry.graph.callees.get(end, {}).keys()
                family = family_at(hurts[end], kind, telemetry.graph)
                findings.append(_walked(case, kind, path, hurts[end], family, bool(lost)))
                passed += passed_by(case, kind, path, hurts, traffic)
    return findings, passed


def _walked(case: Case, kind: str, path: list[str], last: Hurt, family: str, lost: bool) -> Finding:
    finding = _moved(case, last.exhibit, last.series, last.shift, family, certainty(last))
    finding.statement = f"Following {kind} along {' -> '.join(path[:6])}: {finding.statement}"
    # Slow because calls get lost on the way to a callee is an effect, and so is a symptom whose
    # kind is not among the faults to choose from.
    finding.weight *= (0.6 if lost else 1.0) * (0.4 if finding.fault is None else 1.0)
    return finding
