"""Commands in comments: `/approve CODE`, `/reject [CODE] reason`, `/more text`, `/stop`. Pure.

Only what the author wrote counts: quoted lines are somebody else's words and are passed over,
code is text. A comment that somebody else has edited says nothing for its author.
"""

import re
from enum import StrEnum
from itertools import dropwhile

from pydantic import BaseModel

from mendwheel.domain.ids import digest
from mendwheel.integrations.jira.issue import Comment

_COMMAND = re.compile(r" {0,3}/(approve|reject|more|stop)(?=\s|$)[ \t]*", re.IGNORECASE)
_AROUND = "`'\"*_.,;:!?()[]{}<>"
_CODE = re.compile(r"[0-9A-F]{6}", re.ASCII)


class Verb(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    MORE = "more"
    STOP = "stop"


class Command(BaseModel):
    """What a comment asks for, and the rest of its text."""

    verb: Verb
    rest: str = ""

    @property
    def code(self) -> str:
        """The first word where it can be a code, in capitals; else empty."""
        word = self._first()
        return word if _CODE.fullmatch(word) else ""

    def beyond(self, code: str) -> str:
        """The rest, without `code` where it begins with that."""
        parts = self.rest.split(None, 1)
        return "".join(parts[1:]) if code and self._first() == code else self.rest

    def _first(self) -> str:
        return "".join(self.rest.split(None, 1)[:1]).strip(_AROUND).upper()


def read(text: str) -> Command | None:
    """The command that `text` (Markdown) begins with, or None."""
    # Not `splitlines`: a separator that Jira does not show as a line's end ends no quotation.
    lines = list(dropwhile(_passed_over, text.replace("\xa0", " ").split("\n")))
    found = _COMMAND.match(lines[0]) if lines else None
    if found is None:
        return None
    rest = "\n".join([lines[0][found.end() :], *lines[1:]]).strip()
    return Command(verb=Verb(found[1].lower()), rest=rest)


def of(comment: Comment) -> Command | None:
    """The command of the comment's author, as they wrote it themselves."""
    if comment.author is None or comment.author.bot:
        return None
    if comment.editor is not None and comment.editor.id != comment.author.id:
        return None
    return read(comment.text)


def mark(comment: Comment, command: Command) -> str:
    """The same for the same command of the same comment, whatever is added below it later."""
    return f"{comment.id}-{digest([command.verb, *command.rest.splitlines()[:1]])[:8]}"


def _passed_over(line: str) -> bool:
    plain = line.strip()
    return not plain or plain.startswith(">")
