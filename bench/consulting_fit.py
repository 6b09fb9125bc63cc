"""A small logistic regression, and the bar that lets so many wrong answers through."""

from collections.abc import Sequence
from typing import Any

import numpy as np

WRONG = 0.23
"""Share of all questions that may be answered wrongly where the bar is chosen."""
RIDGE = 3.0
"""Penalty on the squared weights, of features with a standard deviation of 1."""
STEPS = 30

Weights = Any
"""The intercept, then one weight a feature."""


def fitted(features: Sequence[Sequence[float]], right: Sequence[bool]) -> Weights:
    """By Newton's method, which has come to rest long before `STEPS`."""
    table, truth = np.array(features, float), np.array(right, float)
    middle, spread = table.mean(0), table.std(0) + 1e-9
    known = np.column_stack([np.ones(len(table)), (table - middle) / spread])
    penalty = np.diag([1e-6, *[RIDGE] * table.shape[1]])
    weights = np.zeros(known.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-known @ weights))
        slope = known.T @ (chance - truth) + penalty @ weights
        bend = (known * (chance * (1 - chance))[:, None]).T @ known + penalty
        weights = weights - np.linalg.solve(bend, slope)
    own = weights[1:] / spread
    return np.concatenate([[weights[0] - own @ middle], own])


def chances(
    weights: Weights, features: Sequence[Sequence[float]], shifts: Sequence[float] = (0.0,)
) -> list[float]:
    """How likely (0..1) each is right; `shifts` are log odds beside the weights."""
    if not features:
        return []
    values = weights[0] + np.array(features, float) @ weights[1:] + np.array(shifts, float)
    return [float(each) for each in 1 / (1 + np.exp(-values))]


def bar_of(found: Sequence[float], right: Sequence[bool], asked: int) -> float:
    """The lowest chance from which at most `WRONG` of the questions `asked` are answered wrongly.

    1 where there is none.
    """
    bar, wrong = 1.0, 0
    for chance, good in sorted(zip(found, right, strict=True), reverse=True):
        wrong += not good
        if wrong > WRONG * asked:
            break
        bar = chance
    return bar
