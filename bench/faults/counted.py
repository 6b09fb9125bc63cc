"""How often things are there, against how often they should be."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counted:
    """What is missing, what is there more than once, and where."""

    lost: int = 0
    duplicates: int = 0
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, found: int, wanted: int = 1) -> None:
        """`found` things of a kind where `wanted` should be; `what` begins with the kind."""
        self.counts[what.split(":", 1)[0]] += found
        if found != wanted:
            self.lost += max(0, wanted - found)
            self.duplicates += max(0, found - wanted)
            self.problems.append(f"{what}: {found} instead of {wanted}")
