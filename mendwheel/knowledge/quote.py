"""What is quoted and what it is quoted from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A passage that may be quoted; `standing` is its score, 1 for the best one."""

    id: str
    heading: str
    text: str
    standing: float = 1.0


@dataclass(frozen=True)
class Quote:
    """Parts that stand together in one source."""

    source: str
    text: str


@dataclass(frozen=True)
class Found:
    """What was picked. `closest` is the part that holds most of what was asked, quoted or not;
    `share` (0..1) is the most of one question that any part holds.
    """

    quotes: list[Quote]
    closest: Quote | None
    share: float
