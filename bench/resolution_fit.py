"""A small logistic fit, to choose the weights of a confidence again on labelled tickets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEPS, RATE = 3000, 0.5
SHRUNK = 1.0
"""How strongly weights are held near 0: there are few tickets (L2, as one over the variance)."""


@dataclass(frozen=True)
class Example:
    """One claim: what spoke for it, whether it was right, how much it counts, its group."""

    features: tuple[float, ...]
    right: bool
    weight: float
    group: str


def fitted(
    examples: Sequence[Example], start: Sequence[float] = (), steps: int = STEPS
) -> list[float]:
    """The bias, then a weight a feature, by gradient descent; sooner from a good `start`."""
    size = len(examples[0].features) + 1
    total = sum(each.weight for each in examples)
    weights = list(start) or [0.0] * size
    for _ in range(steps):
        slope = [0.0, *(SHRUNK * value for value in weights[1:])]
        for each in examples:
            error = each.weight * (chance(weights, each.features) - each.right)
            slope[0] += error
            for place, value in enumerate(each.features, 1):
                slope[place] += error * value
        weights = [old - RATE * each / total for old, each in zip(weights, slope, strict=True)]
    return [round(value, 2) for value in weights]


def held_out_by_group(
    examples: Sequence[Example],
) -> dict[tuple[str, tuple[float, ...]], float]:
    """Each example's confidence by weights that were fitted without its group."""
    found: dict[tuple[str, tuple[float, ...]], float] = {}
    start = fitted(examples)
    for group in sorted({each.group for each in examples}):
        weights = fitted([each for each in examples if each.group != group], start, STEPS // 6)
        for each in examples:
            if each.group == group:
                found[group, each.features] = chance(weights, each.features)
    return found


def chance(weights: Sequence[float], features: Sequence[float]) -> float:
    """The confidence (0..1) that weights give."""
    value = weights[0] + sum(w * x for w, x in zip(weights[1:], features, strict=True))
    return 1 / (1 + math.exp(-value))
