"""One text as several comments: Jira takes 32,767 characters, and no text is cut short.

Cuts fall between blocks where they can; code fences, table heads and boxes are opened again.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mendwheel.integrations.jira.markdown import blocks

BUDGET = 0.95
"""Of a comment; the rest is for the last line, which says whose comment it is."""

_SEAM = 0.0002  # what an empty line between two blocks takes
_MOST = 0.98

_FENCE = re.compile(r"(?P<before>[ \t>]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_ALERT = re.compile(r"[ \t]*>[ \t]*\[![A-Za-z]+\][ \t]*")
_LEAD = re.compile(r"[ \t]*(?:>[ \t]?)*")
_MARKUP = re.compile(r"(?:[#>*+=|~`_-]|(?P<number>\d{1,9})[.)])")

Share = Callable[[str], float]
"""How much of one comment a text takes: 1.0 is all there is."""


def split(markdown: str, share: Share) -> list[str]:
    """Parts of `markdown` that fit into one comment each; one part when all of it fits."""
    if share(markdown) <= BUDGET:
        return [markdown]
    parts: list[str] = []
    full = 0.0
    for text, kind in _chunks(markdown):
        size = share(text)
        if size > BUDGET:
            pieces = _broken(text, kind, share)
            parts, full = parts + pieces, share(pieces[-1])
        elif parts and full + size + _SEAM <= BUDGET:
            parts[-1], full = f"{parts[-1]}\n{text}", full + size + _SEAM
        else:
            parts, full = [*parts, text], size
    whole = [small for part in parts for small in _fitting(part, "mixed", share, _MOST)]
    return [part.strip("\n") for part in whole if part.strip()]


def _chunks(markdown: str) -> Iterator[tuple[str, str]]:
    """Each top-level block with what stands between it and the next one, and its type."""
    lines = markdown.split("\n")
    found = blocks(markdown)
    starts = [0, *(first for first, _, _ in found[1:]), len(lines)]
    kinds = [kind for _, _, kind in found] or ["paragraph"]
    for number, kind in enumerate(kinds):
        yield "\n".join(lines[starts[number] : starts[number + 1]]), kind


@dataclass
class _Piece:
    """Lines of one part, and what its frame is: a fence left open, a table's head, a box."""

    kind: str
    repeat: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    fence: str = ""

    def add(self, line: str) -> None:
        self.lines.append(line)
        found = None if self.kind in ("code_block", "table") else _FENCE.fullmatch(line)
        if found is None:
            return
        if not self.fence:
            self.fence = line
        elif not found["info"].strip() and found["fence"].startswith(self._open()["fence"]):
            self.fence = ""

    def text(self) -> str:
        """The part with its fence closed."""
        found = self._open()
        closing = [found["before"] + found["fence"]] if self.fence else []
        return _dedented([*self.lines, *closing], self.kind)

    def next(self) -> "_Piece":
        """An empty part in the same frame."""
        piece = _Piece(self.kind, self.repeat, list(self.repeat))
        if self.fence:
            piece.add(self.fence)
        return piece

    def _open(self) -> dict[str, str]:
        found = _FENCE.fullmatch(self.fence)
        return found.groupdict() if found else {"before": "", "fence": "", "info": ""}


def _broken(text: str, kind: str, share: Share) -> list[str]:
    """One block in several parts, by its own density; denser parts are broken once more."""
    room = max(int(BUDGET * 0.9 * len(text) / share(text)), 1)
    lines = text.split("\n")
    piece = _Piece(kind, _repeated(lines, kind, room))
    full, done = 0, list[str]()
    for unit in _units(lines, kind, room):
        if full and full + sum(len(line) + 1 for line in unit) >= room:
            done.append(piece.text())
            piece, full = piece.next(), len("\n".join(piece.repeat))
        for line in unit:
            piece.add(line)
            full += len(line) + 1
    done.append(piece.text())
    return [small for part in done for small in _fitting(part, kind, share, BUDGET)]


def _fitting(part: str, kind: str, share: Share, most: float) -> list[str]:
    return [part] if share(part) <= most else _broken(part, kind, share)


def _units(lines: list[str], kind: str, room: int) -> Iterator[list[str]]:
    """What stays together: a list's item where it fits into one part, else a line or its pieces."""
    items: list[list[str]] = []
    for line in lines:
        if kind.endswith("list") and items and (not line or line[0].isspace()):
            items[-1].append(line)
        else:
            items.append([line])
    for item in items:
        if sum(len(line) + 1 for line in item) < room:
            yield item
        else:
            yield from ([piece] for line in item for piece in _cut(line, kind, room))


def _repeated(lines: list[str], kind: str, room: int) -> list[str]:
    if kind == "table":
        return lines[:2] if len(lines[0]) + len(lines[1]) < room / 4 else []
    return lines[:1] if kind == "blockquote" and _ALERT.fullmatch(lines[0]) else []


def _cut(line: str, kind: str, room: int) -> Iterator[str]:
    """A line that is too long for one part, at spaces; what follows must not turn into markup."""
    lead = _LEAD.match(line)
    again = lead[0] if lead and kind == "blockquote" and len(lead[0]) < room / 4 else ""
    while len(line) > room:
        space = line.rfind(" ", room // 2, room)
        end = space if space > 0 else _whole(line, room)
        yield line[:end]
        rest = line[end:]
        line = rest if kind in ("fence", "code_block") else again + _guarded(rest.lstrip())
    yield line


def _whole(line: str, end: int) -> int:
    """Not between a backslash and what it escapes."""
    run = len(line[:end]) - len(line[:end].rstrip("\\"))
    return end - 1 if run % 2 and end > 1 else end


def _guarded(line: str) -> str:
    found = _MARKUP.match(line)
    if found is None:
        return line
    at = len(found["number"] or "")
    return f"{line[:at]}\\{line[at:]}"


def _dedented(lines: list[str], kind: str) -> str:
    """A part that begins inside of a list item would be code by its indent."""
    if kind == "code_block" or not lines:
        return "\n".join(lines)
    indent = len(lines[0]) - len(lines[0].lstrip(" "))
    return "\n".join(line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines)
