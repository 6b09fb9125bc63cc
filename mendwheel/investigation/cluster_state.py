"""The present state of pods, deployments, nodes and monitors in JSON tool output.

Present state outranks history: a warning event about something that is ready now is past.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from mendwheel.investigation.accused import Accused
from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, dictionaries, label, quotable
from mendwheel.investigation.symptoms import classify
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault

_BAD_STATES = {"alert", "alerting", "critical", "firing", "warn", "warning", "error", "failed"}
_VISIBLE = ("image", "scheduling", "storage", "probe")
"""Faults that keep a part from running: where it runs now, they are over or never were."""
_GOOD_STATES = {"ok", "normal", "healthy", "passing", "up"}


def state_findings(document: Document, case: Case, names: Names) -> list[Finding]:
    """One finding for each thing in a bad state; one for calm where all that were seen are well."""
    bad: list[Finding] = []
    well: dict[str, int] = {}
    for _, item in dictionaries(document.data):
        for kind, judge in _JUDGES.items():
            verdict = judge(item)
            if verdict is None:
                continue
            if verdict == "":
                well[kind] = well.get(kind, 0) + 1
            else:
                bad.append(_bad(kind, verdict, item, document, case, names))
    if not bad and not well and _no_events(document):
        return [_calm("no events were recorded", document, case, 0.4)]
    if well and not bad:
        counts = ", ".join(f"{n} {kind}(s)" for kind, n in well.items())
        bad.append(_calm(f"{counts} Running, Ready or OK", document, case, 0.5))
    return bad


def well_now(
    case: Case, documents: Sequence[Document], names: Names, proposed: Sequence[Accused]
) -> list[Finding]:
    """One finding a cause that a look at its component would show, and shows the contrary."""
    visible = {choose_fault(family, case.faults) for family in _VISIBLE}
    suspected = [each for each in proposed if each.fault in visible]
    if not suspected:
        return []
    well: dict[str, tuple[str, str]] = {}
    ill: set[str] = set()
    for document in documents:
        if document.data is None or document.failed or document.reference:
            continue
        for kind, name, verdict in _states(document):
            component = names.canonical(name)
            if verdict:
                ill.add(component)
            else:
                well.setdefault(component, (document.exhibit.id, f"{kind} {name}"))
    return [
        Finding(
            statement=f"{well[each.component][1]} is in order now: Running, Ready or complete.",
            exhibit_ids=[well[each.component][0]],
            quote=quotable(well[each.component][1].split(" ", 1)[1]),
            component=each.component,
            fault=each.fault,
            weight=0.5,
            sense="changes",
            against=True,
        )
        for each in suspected
        if each.component in well and each.component not in ill
    ]


def _states(document: Document) -> Iterator[tuple[str, str, str]]:
    """Kind, name and what is wrong (empty: well) of each pod and deployment."""
    for _, item in dictionaries(document.data):
        for kind in ("pod", "deployment"):
            verdict, name = _JUDGES[kind](item), item.get("name")
            if verdict is not None and isinstance(name, str) and name:
                yield kind, name[:200], verdict


def _no_events(document: Document) -> bool:
    """Whether the tool was asked for events and answered with empty lists only."""
    lists = list(document.data.values()) if isinstance(document.data, dict) else []
    return bool(lists) and "event" in document.exhibit.name.lower() and not any(lists)


def _calm(seen: str, document: Document, case: Case, weight: float) -> Finding:
    return Finding(
        statement=f"{label(document.exhibit)}: {seen}.",
        exhibit_ids=[document.exhibit.id],
        fault=choose_fault(HEALTHY, case.faults) or HEALTHY,
        weight=weight,
        sense="records",
    )


def _bad(
    kind: str, verdict: str, item: dict[str, Any], document: Document, case: Case, names: Names
) -> Finding:
    name = str(item.get("name", ""))[:200]
    symptom = classify(verdict)
    family = symptom.family if symptom else None
    if kind == "node":
        family = "node"
    return Finding(
        statement=f"{kind} {name}: {verdict[:330]}",
        exhibit_ids=[document.exhibit.id],
        quote=quotable(name),
        component=names.canonical(name) if name and kind in ("pod", "deployment") else None,
        fault=choose_fault(family, case.faults),
        weight=max(symptom.weight if symptom else 0.0, 0.9 if kind == "node" else 0.5),
        sense="records",
    )


def _pod(item: dict[str, Any]) -> str | None:
    """None: not a pod, or one on its way out. Empty: well. Else what is wrong with it."""
    phase = item.get("phase")
    if not isinstance(phase, str) or not ("containers" in item or "conditions" in item):
        return None
    if item.get("deletion_timestamp") or item.get("deletionTimestamp"):
        return None
    wrongs = [f"phase={phase}"] if phase not in ("Running", "Succeeded") else []
    for condition in _dicts(item.get("conditions")):
        if condition.get("status") in ("False", "Unknown", False):
            which = f"{condition.get('type')}={condition.get('status')}"
            why = f"reason={condition.get('reason')} {condition.get('message') or ''}".strip()
            wrongs.append(f"{which} {why}")
    for container in _dicts(item.get("containers")):
        state = container.get("state")
        state = state if isinstance(state, dict) else {}
        if container.get("ready") is False or state.get("waiting"):
            code = state.get("exit_code")
            told = [f"restart_count={container.get('restart_count')}"]
            told += [f"exit code {code}"] * (code is not None)
            wrongs.insert(
                0,
                f"container {container.get('name')} {state.get('reason') or 'not ready'} "
                f"({', '.join(told)}): {state.get('message') or ''}",
            )
    return "; ".join(wrongs)


def _deployment(item: dict[str, Any]) -> str | None:
    desired, ready = item.get("desired", item.get("replicas")), item.get("ready")
    if not isinstance(desired, int) or not isinstance(ready, int) or isinstance(ready, bool):
        return None
    if ready >= desired:
        return ""
    return f"desired={desired}, ready={ready}, unavailable={item.get('unavailable')}"


def _node(item: dict[str, Any]) -> str | None:
    if "ready" not in item or not any(str(k).endswith("_pressure") for k in item):
        return None
    ready = str(item["ready"])
    wrongs = [] if ready.lower() == "true" else [f"condition Ready={ready}"]
    if ready.lower() == "unknown":
        wrongs[0] += ": its kubelet no longer reports"
    wrongs += [f"{k}=True" for k, v in item.items() if str(k).endswith("pressure") and _true(v)]
    return "; ".join(wrongs)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _monitor(item: dict[str, Any]) -> str | None:
    state = item.get("overall_state", item.get("state") if "query" in item else None)
    if not isinstance(state, str):
        return None
    if state.lower() in _BAD_STATES:
        return f"{state}: {item.get('message') or ''}"
    return "" if state.lower() in _GOOD_STATES else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


_JUDGES = {"pod": _pod, "deployment": _deployment, "node": _node, "monitor": _monitor}
