"""Cuts a passage into the short texts that an embedder sees.

A passage is long enough to be quoted; one vector over all of it would blur the sentence that
answers. So each piece of a few sentences gets a vector of its own, under the title it stands under.
"""

import re
from collections.abc import Iterator
from itertools import islice

WINDOW = 480
"""Characters of a piece: about 120 tokens, the length small embedders were trained on."""
MOST_WINDOWS = 6
"""Pieces of one passage; what is beyond is a table or a dump."""
MOST_TITLE, MOST_HEADING = 80, 60
"""Characters of the title and of the innermost heading that a piece is put under."""

_BREAK = re.compile(r"\n+|(?<=[.!?;])\s+")


def windows(title: str, heading: str, text: str) -> list[str]:
    """The at most `MOST_WINDOWS` texts to embed for one passage; at least one."""
    innermost = heading.rsplit(" › ", 1)[-1][:MOST_HEADING]
    above = title[:MOST_TITLE]
    if innermost and innermost.casefold() not in above.casefold():
        above = f"{above}: {innermost}"
    return [f"{above}\n{piece}" for piece in islice(_pieces(text), MOST_WINDOWS)]


def _pieces(text: str) -> Iterator[str]:
    """`text` in pieces of at most `WINDOW` characters, cut where sentences and lines end."""
    held = ""
    for unit in _units(text):
        if held and len(held) + 1 + len(unit) > WINDOW:
            yield held
            held = ""
        held = f"{held} {unit}" if held else unit
    yield held


def _units(text: str) -> Iterator[str]:
    for sentence in _BREAK.split(text):
        words = " ".join(sentence.split())
        for start in range(0, len(words), WINDOW):
            yield words[start : start + WINDOW]
