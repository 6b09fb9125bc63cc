"""Whether a confidence means what it says, and what share is answered at which error."""

from collections.abc import Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any

from bench.resolution_score import HANDED, Scored, freed, is_resolved

BINS = 10
STEPS = 10
"""The curve is read at each tenth of all tickets."""

Judged = tuple[float, bool]
"""A confidence, and whether what was claimed with it is right."""


def judged(pairs: Sequence[Scored], score: ModuleType, *, held_back: bool = False) -> list[Judged]:
    """Every claim that was made; with `held_back` also what a threshold kept from being made."""
    found: list[Judged] = []
    for row, result in pairs:
        claim = freed(row, result) if held_back else result
        if claim.outcome not in HANDED:
            found.append((claim.confidence, is_resolved(row, claim, score)))
    return found


def calibration(claims: Sequence[Judged]) -> dict[str, Any]:
    """The reliability curve in ten bins of equal width, and the expected calibration error."""
    bins: list[list[Judged]] = [[] for _ in range(BINS)]
    for confidence, right in claims:
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    curve = [_bin(number, held) for number, held in enumerate(bins) if held]
    error = sum(each["n"] * abs(each["confidence"] - each["right"]) for each in curve)
    return {
        "n": len(claims),
        "expected_calibration_error": round(error / len(claims), 4) if claims else None,
        "reliability": curve,
    }


def _bin(number: int, held: Sequence[Judged]) -> dict[str, Any]:
    return {
        "from": number / BINS,
        "to": (number + 1) / BINS,
        "n": len(held),
        "confidence": round(sum(each for each, _ in held) / len(held), 4),
        "right": round(sum(right for _, right in held) / len(held), 4),
    }


def risk_coverage(claims: Sequence[Judged], tickets: int) -> dict[str, Any]:
    """Thresholds from high to low: the share of all tickets claimed, and the error among them.

    Tickets of one confidence come in together, as one threshold would let them.
    """
    ranked = sorted(claims, key=lambda claim: -claim[0])
    points: list[dict[str, float]] = []
    wrong = 0
    for count, (confidence, right) in enumerate(ranked, 1):
        wrong += not right
        if count == len(ranked) or ranked[count][0] != confidence:
            points.append(
                {
                    "threshold": round(confidence, 4),
                    "coverage": round(count / tickets, 4),
                    "error": round(wrong / count, 4),
                }
            )
    return {"tickets": tickets, "area": _area(points), "curve": _thinned(points)}


def _area(points: Sequence[dict[str, float]]) -> float | None:
    """Mean error over the coverages that were reached; lower is better."""
    if not points:
        return None
    steps = pairwise([{"coverage": 0.0, "error": 0.0}, *points])
    whole = sum((b["coverage"] - a["coverage"]) * b["error"] for a, b in steps)
    return round(whole / points[-1]["coverage"], 4)


def _thinned(points: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """The last point at or under each tenth of coverage, and the end."""
    kept: dict[int, dict[str, float]] = {}
    for point in points:
        kept[min(int(point["coverage"] * STEPS), STEPS)] = point
    return list(kept.values())
