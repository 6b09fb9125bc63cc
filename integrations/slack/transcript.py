"""A thread as the text of a ticket."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel

TEXT = 60_000
"""Characters of a thread that go into a ticket; its beginning and its end count most."""


class Line(BaseModel):
    """One message of a thread."""

    ts: str
    author: str
    text: str


def transcript(lines: Sequence[Line]) -> str:
    """Who said what and when. Too long: the beginning and the end, and how much is left out."""
    said = [f"[{_clock(line.ts)}] {line.author}: {line.text}" for line in lines]
    if sum(len(text) + 1 for text in said) <= TEXT:
        return "\n".join(said)
    first, room, last = said[0][: TEXT // 3], TEXT // 2, list[str]()
    for text in reversed(said[1:]):
        room -= len(text) + 1
        if room < 0:
            break
        last.insert(0, text)
    left_out = len(said) - 1 - len(last)
    return "\n".join([first, f"[… {left_out} messages left out …]", *last])


def title(lines: Sequence[Line]) -> str:
    """The first line of the first message."""
    return lines[0].text.splitlines()[0]


def _clock(ts: str) -> str:
    return f"{datetime.fromtimestamp(float(ts), UTC):%Y-%m-%d %H:%M}"
