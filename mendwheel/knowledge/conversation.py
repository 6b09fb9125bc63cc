"""Reads a ticket as a conversation: whose words are the question, whose are its background."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mendwheel.domain.ticket import Report

_SPEAKER = re.compile(
    r"^[ \t>*_]*(customer|user|reporter|requester|client|caller|support|agent|assistant|bot|"
    r"helpdesk|staff|operator)[*_]*[ \t]*:[*_]*[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_ASKERS = frozenset({"customer", "user", "reporter", "requester", "client", "caller"})
_POINTING = re.compile(
    r"\b(it|its|they|them|their|this|these|those|he|him|his|she|her|such|the same)\b",
    re.IGNORECASE,
)


_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
SHORT = 20
"""Words up to which a report is one question; a longer one tells a story around it."""


@dataclass(frozen=True)
class Turn:
    """What one side said."""

    by_asker: bool
    text: str


@dataclass(frozen=True)
class Conversation:
    """All turns, oldest first."""

    turns: tuple[Turn, ...]
    title: str = ""

    @property
    def question(self) -> str:
        """What the asker said last. What was added to it before anybody replied belongs to it."""
        start, end = self._span
        return "\n".join(turn.text for turn in self.turns[start:end])

    @property
    def background(self) -> list[Turn]:
        """What was said before the question, newest first."""
        return list(reversed(self.turns[: self._span[0]]))

    @property
    def _span(self) -> tuple[int, int]:
        end = max((n for n, turn in enumerate(self.turns, 1) if turn.by_asker), default=0)
        start = max(
            (n for n, turn in enumerate(self.turns[:end], 1) if not turn.by_asker), default=0
        )
        return start, end

    @property
    def questions(self) -> list[str]:
        """What is asked, one text each: the title and every sentence that ends in a question mark.

        The last turn as a whole where it is short, part of a conversation, or asks nothing.
        """
        if self.background or len(self.question.split()) <= SHORT:
            return [self.question]
        asked = [part for part in _SENTENCE.split(self.question) if part.rstrip().endswith("?")]
        return list(dict.fromkeys([*([self.title] if self.title else []), *asked]))

    @property
    def points(self) -> bool:
        """Whether the question points at something that it does not name ("it", "this plan")."""
        return bool(_POINTING.search(self.question))


def read(report: Report, information: Sequence[str] = ()) -> Conversation:
    """The conversation in `report`, then what its reporter added later."""
    turns = _turns(report.body)
    if not turns:
        title, body = report.title.strip(), report.body.strip()
        said = body if body.casefold().startswith(title.casefold()) else f"{title}\n{body}"
        turns = [Turn(True, said.strip())]
    later = (Turn(True, text.strip()) for text in information)
    return Conversation((*turns, *later), report.title.strip())


def _turns(body: str) -> list[Turn]:
    marks = list(_SPEAKER.finditer(body))
    if not marks or body[: marks[0].start()].strip():
        return []  # a report that happens to quote somebody
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    return [
        Turn(mark.group(1).lower() in _ASKERS, body[mark.end() : end].strip())
        for mark, end in zip(marks, ends, strict=True)
        if body[mark.end() : end].strip()
    ]
