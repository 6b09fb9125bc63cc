"""Shortens any text by code: its beginning, its end, its error lines and how many there are.

What a tool puts out can be 50 MB of logs or a table of a thousand services. Nobody reads it whole,
so what is left has to be what a person would look for first.
"""

import re
from collections.abc import Iterator

READ = 50_000_000
"""Characters that are looked at; of a longer text the middle is left out."""

LINES_READ = 2_000_000
_ERRORS_SORTED = 50_000
_KINDS = 1000
_LINE = 400
_HEADER = 60
_SMALL = 160

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?|[@-_])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]+")
_UNDECODED = re.compile("\ufffd{2,}")
_FULL = re.compile(r"[^\n]+")
_VARYING = re.compile(r"\d+")
_NEEDLES = (
    *("error", "fatal", "critical", "exception", "panic", "traceback", "fail", "refused"),
    *("denied", "unavailable", "timeout", "timed out", "out of memory", "oomkill"),
)
_FRAME = re.compile(
    r"^(?:[\d,]+ lines, [\d,]+ with error[^\n]*|\[errors\]|\[last lines\])(?:\n|\Z)", re.MULTILINE
)
_CALM = re.compile(r"\b(?:no|0|zero|without) (?:\w+ )?(?:error|failure|exception)s?\b")


def summarise(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, without control characters and terminal colours.

    A text that fits is kept whole. Of one that does not: how many lines it has and how many speak
    of errors, its first lines, each kind of error line once, its last lines.
    """
    if limit <= 0:
        return ""
    left_out = max(0, len(text) - READ)
    if left_out:
        text = f"{text[: READ - READ // 5]}\n{text[-READ // 5 :]}"
    text = printable(text)
    if not left_out and len(text) <= limit:
        return text
    lines, errors, kinds = _errors(text)
    header = f"{lines:,} lines, {errors:,} with error"
    if left_out:
        header += f"; {left_out:,} characters in the middle not read"
    if limit < _SMALL:
        return _joined(header, _head(text, limit - len(header) - 1))[:limit]
    room = limit - len(header) - _HEADER
    third = room * 3 // 10 if kinds else room // 2
    listed = _listed(kinds, room - 2 * third) if kinds else ""
    parts = [header, _head(text, third), *([f"[errors]\n{listed}"] if listed else [])]
    return "\n".join([*parts, "[last lines]", _tail(text, third)])[:limit]


def unframed(text: str) -> str:
    """`text` without what a summary says about itself: to a parser "[errors]" is an error too."""
    return _FRAME.sub("", text)


def printable(text: str) -> str:
    """`text` without terminal colours and control characters; lines overwritten by `\\r` are gone.

    Tabs and line ends stay, `\\r\\n` becomes `\\n`.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    if "\ufffd" in text:
        text = _UNDECODED.sub("\ufffd", text)
    return _UNPRINTABLE.sub("", text)


def speaks_of_error(line: str) -> bool:
    """Whether a line is one that a person would search for first."""
    low = line.lower()
    for needle in _NEEDLES:  # a generator takes twice as long, on every line
        if needle in low:
            return not _CALM.search(low)
    return False


def _errors(text: str) -> tuple[int, int, dict[str, tuple[str, int]]]:
    """Lines, error lines, and the first line of each kind of error with how often it came."""
    kinds: dict[str, tuple[str, int]] = {}
    errors = 0
    for line in _lines(text):
        if not speaks_of_error(line):
            continue
        errors += 1
        if errors > _ERRORS_SORTED:
            continue
        short = line[:_LINE].strip()
        kind = _VARYING.sub("#", short)
        if kind in kinds:
            kinds[kind] = (kinds[kind][0], kinds[kind][1] + 1)
        elif len(kinds) < _KINDS:
            kinds[kind] = (short, 1)
    return text.count("\n") + (not text.endswith("\n")), errors, kinds


def _lines(text: str) -> Iterator[str]:
    for at, found in enumerate(_FULL.finditer(text)):
        if at >= LINES_READ:
            return
        yield found[0]


def _listed(kinds: dict[str, tuple[str, int]], room: int) -> str:
    """Error lines in order of appearance, as many as fit; one that is too long is cut."""
    listed: list[str] = []
    each = max(40, room // max(1, min(len(kinds), 4)))
    for line, count in kinds.values():
        entry = line[:each] + (f" (×{count:,})" if count > 1 else "")
        room -= len(entry) + 1
        if room < 0:
            break
        listed.append(entry)
    return "\n".join(listed)


def _head(text: str, room: int) -> str:
    """The first lines, whole ones where that does not waste half the room."""
    if room <= 0:
        return ""
    cut = text[:room]
    end = cut.rfind("\n")
    return cut[:end] if end > room // 2 else cut


def _tail(text: str, room: int) -> str:
    if room <= 0:
        return ""
    cut = text[-room:]
    start = cut.find("\n")
    return cut[start + 1 :] if 0 <= start < room // 2 else cut


def _joined(first: str, second: str) -> str:
    return f"{first}\n{second}" if second else first
