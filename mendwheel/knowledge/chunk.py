"""Cuts a document into passages small enough to quote and large enough to mean something."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mendwheel.domain.knowledge import Document, Passage

LEAST_WORDS = 120
"""A passage this long ends at the next heading."""
MOST_WORDS = 230
"""A passage is closed before the block that would take it over this."""
HARD_WORDS = 450
"""A single block longer than this is cut at line ends."""
MOST_LINE = 2_000
"""Characters; a longer line is data and is cut."""

_FENCE = re.compile(r"^\s*(```|~~~)")
_ATX = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_RULE = re.compile(r"^([=\-~\"^'`*+#])\1{2,}\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_LEVELS = "#=-~\"^'`*+"


@dataclass
class _Block:
    """Lines that belong together; a heading has a level from 1."""

    text: str
    level: int = 0

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass
class _Section:
    """What becomes one passage."""

    heading: str
    blocks: list[str] = field(default_factory=list)
    words: int = 0

    def add(self, text: str, words: int) -> None:
        self.blocks.append(text)
        self.words += words


def passages(document: Document) -> list[Passage]:
    """The passages of `document` in order; at least one unless its body is blank."""
    return [
        Passage(
            document_id=document.id,
            title=document.title,
            heading=section.heading,
            text="\n\n".join(section.blocks),
            kind=document.kind,
            position=position,
            component=document.component,
            remedy=document.remedy,
            url=document.url,
        )
        for position, section in enumerate(_sections(document.body))
    ]


def _sections(body: str) -> Iterator[_Section]:
    path: dict[int, str] = {}
    current = _Section("")
    began = False
    for block in _blocks(body):
        began = began or not block.level
        if block.level:
            if current.words >= LEAST_WORDS:
                yield current
                current = _Section("")
            path = {level: name for level, name in path.items() if level < block.level}
            path[block.level] = block.text
            if not current.blocks:
                current.heading = " › ".join(path.values())
            else:
                current.add(f"## {block.text}", block.words)
            continue
        if current.words and current.words + block.words > MOST_WORDS:
            yield current
            current = _Section(" › ".join(path.values()))
        current.add(block.text, block.words)
    if current.blocks:
        yield current
    elif not began and path:  # headings are all there is
        yield _Section("", [" › ".join(path.values())])


def _blocks(body: str) -> Iterator[_Block]:
    """Headings, paragraphs, lists and code, each whole unless longer than `HARD_WORDS`."""
    for block in _raw_blocks(body.replace("\r\n", "\n").split("\n")):
        if block.level or block.words <= HARD_WORDS:
            yield block
        else:
            yield from (_Block(piece) for piece in _cut(block.text))


def _raw_blocks(lines: list[str]) -> Iterator[_Block]:
    held: list[str] = []
    fence = ""
    for at, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence or mark:
            if mark and not fence and held:
                yield _Block("\n".join(held))
                held = []
            held.append(line)
            closed = bool(fence) and bool(mark) and mark is not None and mark.group(1) == fence
            fence = "" if closed else fence or (mark.group(1) if mark else "")
            continue
        heading = _heading(lines, at)
        if heading is not None:
            if held:
                yield _Block("\n".join(held))
            held = []
            if heading.level:
                yield heading
        elif line.strip():
            held.append(line)
        elif held and not _continues(lines, at):
            yield _Block("\n".join(held))
            held = []
    if held:
        yield _Block("\n".join(held))


def _heading(lines: list[str], at: int) -> _Block | None:
    """The heading that line `at` is, level 0 for a line that only decorates one, else None."""
    line = lines[at]
    if match := _ATX.match(line):
        return _Block(match.group(2), len(match.group(1))) if match.group(2) else _Block("")
    following = lines[at + 1] if at + 1 < len(lines) else ""
    rule = _RULE.match(following)
    if rule and line.strip() and not _RULE.match(line) and len(line.strip()) <= 120:
        if _ITEM.match(line) or len(following.strip()) < min(3, len(line.strip())):
            return None
        return _Block(line.strip(), _LEVELS.index(rule.group(1)) + 1)
    return _Block("") if _RULE.match(line) else None


def _continues(lines: list[str], at: int) -> bool:
    """Whether the blank line `at` is inside a list: steps stay together."""
    before = next((lines[n] for n in range(at - 1, -1, -1) if lines[n].strip()), "")
    after = next((line for line in lines[at + 1 : at + 4] if line.strip()), "")
    indented = after.startswith((" ", "\t")) and not _ATX.match(after)
    return bool(_ITEM.match(before) or before.startswith(" ")) and (
        bool(_ITEM.match(after)) or indented
    )


def _cut(text: str) -> Iterator[str]:
    """`text` in pieces of at most `MOST_WORDS`, cut at line ends, long lines cut by length."""
    held: list[str] = []
    words = 0
    for line in text.split("\n"):
        for start in range(0, max(1, len(line)), MOST_LINE):
            piece = line[start : start + MOST_LINE]
            count = len(piece.split())
            if held and words + count > MOST_WORDS:
                yield "\n".join(held)
                held, words = [], 0
            held.append(piece)
            words += count
    if held:
        yield "\n".join(held)
