"""From how clear the evidence looks to how often such a cause is right."""

import math

TRUSTED = 0.5
"""Up to here the figure is left as it is: what is handed over stays handed over."""
CURVE = 1.5
"""Fitted by leaving one source of labelled incidents out at a time: 1.5, 1.6, 1.9 and 4.3, and 2.0
on all of them. The lowest is taken, since the rules were made on the same incidents."""


def calibrated(clear: float) -> float:
    """A confidence (0..1) from a clearness (0..1); never lower, and in the same order."""
    if clear <= TRUSTED:
        return clear
    doubt = (1.0 - clear) / (1.0 - TRUSTED)
    return 1.0 - (1.0 - TRUSTED) * math.pow(doubt, CURVE)
