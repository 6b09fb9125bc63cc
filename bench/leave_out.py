"""`make bench NAME=leave_out DATA=DIR`: do the rules about incidents hold beyond what they saw?

For incidents whose evidence is telemetry: accuracy by kind of fault, the same incidents in
disguise, the few numbers in the rules chosen again without one kind of fault, and what the rules
say when the true kind is not among those they may name.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bench import resolution_data as data
from bench.leave_out_disguise import DISGUISES
from bench.resolution_data import Labelled, Wanted, source_of
from mendwheel.domain.playbook import Thresholds
from mendwheel.investigation import Case, Conclusion, Exhibit, Finding, conclude
from mendwheel.investigation.contradictions import contradictions
from mendwheel.investigation.investigators import INVESTIGATORS, look, propose

SEEDS = 3
NUMBERS: dict[tuple[str, str], tuple[float, ...]] = {
    ("walk", "SHARE"): (0.35, 0.5, 0.7),
    ("conclude", "UNPLACED"): (0.25, 0.5, 0.75),
    ("conclude", "EFFECT"): (0.5, 0.7, 0.9),
    ("conclude", "CONTRADICTED"): (0.6, 0.8, 1.0),
    ("conclude", "DENIED"): (0.4, 0.6, 0.8),
    ("deeper", "AS_CLEAR"): (0.4, 0.6, 0.8),
    ("operations", "STEADY_SHARE"): (0.8, 0.9, 0.95),
    ("operations", "BUSY"): (2.0, 5.0, 10.0),
    ("change", "FLOOR"): (0.03, 0.05, 0.1),
}
"""The numbers that decide component and kind, with what else they might have been."""

Hits = dict[str, bool]


def main() -> dict[str, Any]:
    wanted = Wanted.from_environment()
    rows = [row for row in data.rows_of(wanted, "anomaly") if is_telemetry(row)]
    if not rows:
        return {"n": 0, "note": "no ticket of these data has a component and a kind to choose from"}
    hits = found(rows)
    return {
        "note": "no optimiser fitted these rules; their numbers were set by hand on this half",
        "by_kind": by_kind(rows, hits),
        "disguised": {name: _disguised(rows, name) for name in DISGUISES},
        "numbers_chosen_without_the_kind": refitted(rows),
        "kind_not_among_the_choices": unknown(rows),
        "causes_spoken_against": denied(rows),
    }


def is_telemetry(row: Labelled) -> bool:
    """Whether the label names a component and a kind, and the ticket lists what to choose from."""
    label, choices = row["expected"], row.get("candidates") or {}
    return bool(
        label.get("root_cause_service") and choices.get("services") and choices.get("types")
    )


def case_of(row: Labelled) -> Case:
    """The incident as the software gets it: no label."""
    pieces = [
        Exhibit(id=f"X{n}", name=e["name"], kind=e["type"], text=e["text"])
        for n, e in enumerate(row["evidence"], 1)
    ]
    choices = row["candidates"]
    return Case(
        title=row["title"],
        body=row["body"],
        exhibits=pieces,
        components=choices["services"],
        faults=choices["types"],
    )


def concluded(case: Case) -> Conclusion:
    """As a ticket does it: five investigators, their proposals confronted, then the weighing."""
    return conclude(case, seen(case))


def seen(case: Case) -> list[Finding]:
    """What five investigators find, and what speaks against the causes that they propose."""
    findings: list[Finding] = []
    proposed = []
    for name in INVESTIGATORS:
        mine = [
            found.model_copy(update={"id": f"F{number}"})
            for number, found in enumerate(look(name, case), len(findings) + 1)
        ]
        findings += mine
        proposed += propose(name, case, mine)
    return findings + contradictions(case, findings, proposed)


def found(rows: Sequence[Labelled]) -> Hits:
    """Which tickets get the right component and kind, by id."""
    return {row["id"]: right_about(case_of(row), row["expected"]) for row in rows}


def right_about(case: Case, label: Labelled, aliases: Sequence[str] = ()) -> bool:
    suspects = concluded(case).suspects
    if not suspects:
        return False
    names = aliases or [label["root_cause_service"], *label.get("root_cause_aliases", [])]
    component = (suspects[0].component or "").lower() in {name.lower() for name in names}
    return component and suspects[0].fault == label["root_cause_type"]


def by_kind(rows: Sequence[Labelled], hits: Hits) -> dict[str, Any]:
    parts: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        parts[_group(row)].append(hits[row["id"]])
    return {name: {"n": len(part), "rate": _rate(part)} for name, part in sorted(parts.items())}


def _group(row: Labelled) -> str:
    return f"{source_of(row)} {row['expected']['root_cause_type']}"


def _rate(part: Sequence[bool]) -> float:
    return round(sum(part) / len(part), 3) if part else 0.0


def _disguised(rows: Sequence[Labelled], name: str) -> dict[str, float]:
    """Accuracy by source over `SEEDS` draws of one disguise."""
    parts: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        for seed in range(SEEDS):
            parts[source_of(row)].append(right_about(*in_disguise(row, name, seed)))
    return {source: _rate(part) for source, part in sorted(parts.items())}


def in_disguise(row: Labelled, name: str, seed: int) -> tuple[Case, Labelled, list[str]]:
    """The disguised case, its label and the names that its component now goes by."""
    case, label = case_of(row), row["expected"]
    disguised = DISGUISES[name](case, random.Random(f"{seed} {row['id']}"))
    true = {label["root_cause_service"], *label.get("root_cause_aliases", [])}
    if set(disguised.components) == set(case.components):
        return disguised, label, sorted(true)
    pairs = zip(case.components, disguised.components, strict=True)
    return disguised, label, [new for old, new in pairs if old in true]


def refitted(rows: Sequence[Labelled]) -> dict[str, Any]:
    """Each kind judged with the numbers that are best for all the others."""
    tried: list[tuple[str, Hits]] = [("as they stand", found(rows))]
    for place, values in NUMBERS.items():
        for value in values:
            with _set(place, value):
                tried.append((f"{place[1]}={value:g}", found(rows)))
    result = {}
    for kind in sorted({_group(row) for row in rows}):
        others = [row["id"] for row in rows if _group(row) != kind]
        mine = [row["id"] for row in rows if _group(row) == kind]
        best = max(tried, key=lambda each: sum(each[1][key] for key in others))
        result[kind] = {"n": len(mine), "rate": _rate([best[1][k] for k in mine]), "set": best[0]}
    spread = [_rate(list(hits.values())) for _, hits in tried]
    return {**result, "all": _weighted(result), "lowest_and_highest": [min(spread), max(spread)]}


def _weighted(result: dict[str, Any]) -> float:
    total: int = sum(part["n"] for part in result.values())
    right: float = sum(part["n"] * part["rate"] for part in result.values())
    return round(right / total, 3)


def denied(rows: Sequence[Labelled]) -> dict[str, dict[str, int]]:
    """Incidents in which something speaks against a cause, and against the true one, by source."""
    counted: dict[str, dict[str, int]] = {}
    for row in rows:
        label = row["expected"]
        against = {((f.component or "").lower(), f.fault) for f in seen(case_of(row)) if f.against}
        true = {(name, label["root_cause_type"]) for name in _names(label)}
        part = counted.setdefault(source_of(row), {"n": 0, "any": 0, "true": 0})
        part["n"] += 1
        part["any"] += bool(against)
        part["true"] += bool(against & true)
    return counted


@contextmanager
def _set(place: tuple[str, str], value: float) -> Iterator[None]:
    """One number of the rules changed for a while."""
    module = import_module(f"mendwheel.investigation.{place[0]}")
    before = getattr(module, place[1])
    setattr(module, place[1], value)
    try:
        yield
    finally:
        setattr(module, place[1], before)


def unknown(rows: Sequence[Labelled]) -> dict[str, Any]:
    """The true kind withheld from the choices: is the component found, is a wrong kind claimed?"""
    minimum = Thresholds().cause
    asked: dict[str, list[Conclusion]] = defaultdict(list)
    right: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        case, label = case_of(row), row["expected"]
        others = [kind for kind in case.faults if kind != label["root_cause_type"]]
        conclusion = concluded(case.model_copy(update={"faults": others}))
        asked[_group(row)].append(conclusion)
        right[_group(row)].append(_component_of(conclusion) in _names(label))
    return {
        kind: {
            "n": len(part),
            "component": _rate(right[kind]),
            "claims_another_kind": _rate([each.confidence >= minimum for each in part]),
        }
        for kind, part in sorted(asked.items())
    }


def _component_of(conclusion: Conclusion) -> str:
    return (conclusion.suspects[0].component or "").lower() if conclusion.suspects else ""


def _names(label: Labelled) -> set[str]:
    known = [label["root_cause_service"], *label.get("root_cause_aliases", [])]
    return {name.lower() for name in known}
