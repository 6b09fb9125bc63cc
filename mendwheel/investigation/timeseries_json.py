"""Figures inside JSON tool output: named value series, and ranked lists of what bears the load."""

import re
from statistics import fmean, median
from typing import Any

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.change import Shift, change_point, shift_of, strength
from mendwheel.investigation.counters import is_counter, rates
from mendwheel.investigation.reading import Document, dictionaries, label, quotable
from mendwheel.investigation.series import Series
from mendwheel.investigation.tables import number
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault, metric_kind, plain_words

_NAMES = ("metric_name", "label", "metric", "name", "id")
_LOAD = re.compile(r"\b(load|share|percent|time|usage|cost|weight)\b")
_ACTORS = {"statement", "query", "sql", "command", "process"}
_SUBJECTS = ("statement", "query", "sql", "name", "id", "command", "process")


def json_findings(document: Document, case: Case) -> list[Finding]:
    """Shifted series and heavy loads; one finding for calm when every one of three series holds."""
    findings: list[Finding] = []
    loads: dict[str, list[dict[str, Any]]] = {}
    within: set[int] = set()  # parts of a load are no loads of their own
    held = seen = 0
    for key, item in dictionaries(document.data):
        series = _series(item, key)
        if series is not None:
            seen += 1
            finding = _shifted(series, item, document, case)
            held += finding is None or finding.weight <= 0.3 or _came_back(series)
            findings += [finding] if finding else []
        elif _load(item) is not None and id(item) not in within:
            loads.setdefault(key, []).append(item)
            within |= {id(part) for part in _parts(item)}
    for key, items in loads.items():
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
    numbers = [_value(v) for v in values[:10_000]]
    series = Series(_owner(item), name, numbers, [float(i) for i in range(len(numbers))])
    if is_counter(name, numbers):
        series.values, series.rate = rates(numbers, series.times), True
    return series


def _value(sample: Any) -> float | None:
    """A sample is a number, or a pair of its moment and its number, which may stand as text."""
    if isinstance(sample, list) and len(sample) == 2:
        sample = sample[1]
    if isinstance(sample, str):
        return number(sample)
    return float(sample) if isinstance(sample, int | float) and abs(sample) < 1e100 else None


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
    ranked = sorted(items, key=lambda item: -(_load(item) or 0.0))[:3]
    total = sum(_load(item) or 0.0 for item in items) or 1.0
    findings = []
    for item in ranked:
        subject = next((str(item[k]) for k in _SUBJECTS if isinstance(item.get(k), str)), "")
        load = _load(item) or 0.0
        share = load / total
        if not subject or share < 0.15:
            continue
        waiting = ", ".join(f"{w.get('name')} {_load(w) or 0.0:g}" for w in _parts(item)[:3])
        family = "cpu" if "cpu" in f"{waiting} {subject}".lower()[:200] else "disk"
        findings.append(
            Finding(
                statement=f"{label(document.exhibit)}: {_ranked(key, item)} `{subject[:200]}` "
                f"bears {load:g} ({share:.0%})" + f", waiting on {waiting}" * bool(waiting),
                exhibit_ids=[document.exhibit.id],
                quote=_quoted(subject, document.body),
                fault=choose_fault(family, case.faults),
                weight=min(0.8, 0.3 + 0.5 * share) if _ACTORS & item.keys() else 0.3,
                sense="signals",
            )
        )
    return findings


def _ranked(key: str, item: dict[str, Any]) -> str:
    return (
        "top query"
        if "statement" in item or "query" in item
        else key.replace("_", " ").removesuffix("s")
    )


def _quoted(subject: str, text: str) -> str:
    return quotable(subject) if subject in text else ""


def _parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The named parts that a load is made up of, for example what a query waits for."""
    lists = (value for value in item.values() if isinstance(value, list))
    return [part for parts in lists for part in parts if isinstance(part, dict) and "name" in part]


def _load(item: dict[str, Any]) -> float | None:
    """The first figure whose name says how much of the load the item bears; None without one."""
    for key, value in item.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value < 1e100 and _LOAD.search(plain_words(key)):
            return float(value)
    return None


def _calm(count: int, document: Document, case: Case) -> Finding:
    return Finding(
        statement=f"{label(document.exhibit)}: all {count} series held or regained their level.",
        exhibit_ids=[document.exhibit.id],
        fault=choose_fault(HEALTHY, case.faults),
        weight=0.4,
        sense="signals",
    )
