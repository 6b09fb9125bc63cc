"""Whose words a text holds. All of it is data, whoever wrote it: nothing here gives orders.

What differs is what a text may be the ground for: see `Evidence.trust` and where it is asked for.
"""

from enum import StrEnum


class Trust(StrEnum):
    """From the least to the most."""

    REPORTED = "reported"  # by whoever wrote the ticket, a comment, a file or an earlier ticket
    OBSERVED = "observed"  # by systems and tools; strangers write into their logs
    CURATED = "curated"  # by people who keep the documents
    ESTABLISHED = "established"  # by our own code, out of the others
