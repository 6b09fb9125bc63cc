"""Figures inside JSON tool output: named value series, and ranked lists of what bears the load."""

from statistics import fmean, median
from typing import Any

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.change import Shift, change_point, shift_of, strength
from mendwheel.investigation.reading import Document, dictionaries, label, quotable
from mendwheel.investigation.series import Series
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault, metric_kind

_NAMES = ("metric_name", "label", "metric", "name", "id")
_LOADS = ("db_load_avg", "load", "avg_load", "total_time", "cpu_percent", "share")
_SUBJECTS = ("statement", "query", "sql", "name", "id", "command", "process")


def json_findings(document: Document, case: Case) -> list[Finding]:
    """Shifted series and heavy loads; one finding for calm when every one of three series holds."""
    findings: list[Finding] = []
    loads: dict[str, list[dict[str, Any]]] = {}
    held = seen = 0
    for key, item in dictionaries(document.data):
        series = _series(item, key)
        if series is not None:
            seen += 1
            finding = _shifted(series, item, document, case)
            held += finding is None or finding.weight <= 0.3 or _came_back(series)
            findings += [finding] if finding else []
        elif any(isinstance(item.get(k), int | float) for k in _LOADS):
            loads.setdefault(key, []).append(item)
    for key, items in loads.items():
        if key != "wait_events":
            findings += _heavy(key, items, document, case)
    if seen and held == seen:
        for finding in findings:  # something always bears the most load: no news while all holds
            finding.weight *= 0.5
    if seen >= 3 and held == seen:
        findings.append(_calm(seen, document, case))
    return findings


def _series(item: dict[str, Any], key: str) -> Series | None:
    values = item.get("values")
    name = next((item[k] for k in _NAMES if isinstance(item.get(k), str)), key)
    if not isinstance(values, list) or not name or len(values) < 4:
        return None
    numbers: list[float | None] = [
        float(v) if isinstance(v, int | float) and abs(v) < 1e100 else None for v in values[:10_000]
    ]
    return Series(_owner(item), name, numbers, [float(i) for i in range(len(numbers))])


def _owner(item: dict[str, Any]) -> str:
    dimensions = item.get("dimensions")
    if isinstance(dimensions, list) and dimensions and isinstance(dimensions[0], dict):
        return str(dimensions[0].get("Value", dimensions[0].get("value", "")))[:200]
    return ""


def _shifted(
    series: Series, item: dict[str, Any], document: Document, case: Case
) -> Finding | None:
    series.split = change_point(series.values)
    if series.split is None:
        return _dip(series, document)
    shift, kind = shift_of(series), metric_kind(series.measure)
    if shift is None or abs(shift.score) < 3 or kind is None:
        return None
    percent = str(item.get("unit", "")).lower().startswith("percent")
    weight = strength(shift, kind[2], percent)
    unit = str(item.get("unit") or "")
    meaning = f": {choose_fault(kind[1], ())}." if weight >= 0.5 and kind[1] else "."
    owner = f" of {series.component}" if series.component else ""
    if percent and kind[2] > 0 and shift.after >= 80:
        weight = max(weight, 0.75)
    if _came_back(series):
        weight *= 0.6
    if owner and series.component.lower() not in f"{case.title} {case.body}".lower():
        weight *= 0.5
    return Finding(
        statement=f"{series.measure}{owner} {_course(series, shift)} {unit}".rstrip() + meaning,
        exhibit_ids=[document.exhibit.id],
        quote=quotable(f'"{series.measure}"') if f'"{series.measure}"' in document.body else "",
        fault=choose_fault(kind[1], case.faults),
        weight=max(0.2, min(0.9, weight)),
        sense="signals",
    )


def _came_back(series: Series) -> bool:
    """Whether the last fifth of the values lies within 15 % of the first fifth."""
    present = [v for v in series.values if v is not None]
    part = max(1, len(present) // 5)
    first, last = fmean(present[:part]), fmean(present[-part:])
    return abs(last - first) <= 0.15 * max(abs(first), 1e-9)


def _dip(series: Series, document: Document) -> Finding | None:
    """A short drop to nothing and back: too short to move the level, too deep for noise."""
    present = [v for v in series.values if v is not None]
    low, usual = min(present, default=0.0), median(present or [0.0])
    drops = sum(v <= 0.05 * usual for v in present)
    if usual <= 0 or not 0 < drops <= len(present) // 3 or min(present[0], present[-1]) < usual / 2:
        return None
    return Finding(
        statement=f"{series.measure} dropped from {usual:.4g} to {low:.4g} for {drops} samples, "
        f"then came back to {present[-1]:.4g}.",
        exhibit_ids=[document.exhibit.id],
        quote=quotable(f'"{series.measure}"') if f'"{series.measure}"' in document.body else "",
        weight=0.45,
        sense="signals",
    )


def _course(series: Series, shift: Shift) -> str:
    present = [v for v in series.values if v is not None]
    verb = "rose" if shift.after > shift.before else "fell"
    return f"{verb} from {present[0]:.4g} to {shift.peak:.4g}, and stood at {present[-1]:.4g}"


def _heavy(key: str, items: list[dict[str, Any]], document: Document, case: Case) -> list[Finding]:
    ranked = sorted(items, key=lambda item: -_load(item))[:3]
    total = sum(_load(item) for item in items) or 1.0
    findings = []
    for item in ranked:
        subject = next((str(item[k]) for k in _SUBJECTS if isinstance(item.get(k), str)), "")
        share = _load(item) / total
        if not subject or share < 0.15:
            continue
        waits = [w for w in item.get("wait_events", []) if isinstance(w, dict)]
        waiting = ", ".join(f"{w.get('name')} {_load(w):g}" for w in waits[:3])
        family = "cpu" if "cpu" in f"{waiting} {subject}".lower()[:200] else "disk"
        findings.append(
            Finding(
                statement=f"{label(document.exhibit)}: {_ranked(key, item)} `{subject[:200]}` "
                f"bears {_load(item):g} ({share:.0%})" + f", waiting on {waiting}" * bool(waiting),
                exhibit_ids=[document.exhibit.id],
                quote=_quoted(subject, document.body),
                fault=choose_fault(family, case.faults),
                weight=min(0.8, 0.3 + 0.5 * share) if "statement" in item else 0.3,
                sense="signals",
            )
        )
    return findings


def _ranked(key: str, item: dict[str, Any]) -> str:
    return "top query" if "statement" in item else key.replace("_", " ").removesuffix("s")


def _quoted(subject: str, text: str) -> str:
    return quotable(subject) if subject in text else ""


def _load(item: dict[str, Any]) -> float:
    found = (item[k] for k in _LOADS if isinstance(item.get(k), int | float))
    return next((float(v) for v in found if 0 <= v < 1e100), 0.0)


def _calm(count: int, document: Document, case: Case) -> Finding:
    return Finding(
        statement=f"{label(document.exhibit)}: all {count} series held or regained their level.",
        exhibit_ids=[document.exhibit.id],
        fault=choose_fault(HEALTHY, case.faults),
        weight=0.4,
        sense="signals",
    )
