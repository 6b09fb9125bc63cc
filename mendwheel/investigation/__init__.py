"""Establishes facts about an anomaly by code, before any language model reasons over them."""

from mendwheel.investigation.case import Case, Conclusion, Exhibit, Finding, Suspect
from mendwheel.investigation.conclude import conclude
from mendwheel.investigation.records import records
from mendwheel.investigation.signals import signals

__all__ = [
    "Case",
    "Conclusion",
    "Exhibit",
    "Finding",
    "Suspect",
    "conclude",
    "records",
    "signals",
]
