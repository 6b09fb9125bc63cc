"""Cuts a passage into what can be quoted: a sentence, a list item, a code block."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^\s*(```|~~~)")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_ROW = re.compile(r"^\s*\|")
_HEADING = re.compile(r"^#{1,6}\s")
_SENTENCE_END = re.compile(r"(?<=[.!?:])[\"')\]]*\s+(?=[\"'(\[`*]*[A-Z0-9])|(?<=[。！？])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|Mr|Mrs|Ms|Dr|St|No|[A-Z]))\.$|^\d+\.$")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\((?:[^()\s]|\([^()]*\))*\)")
_ROLE = re.compile(r":[\w:+-]+:`([^`<]+?)(?:\s*<[^>`]*>)?`")
_ANCHOR = re.compile(r"<a\b[^>]*>|</a>|^\s*\.\. _[\w-]+:\s*$|^\([\w-]+\)=\s*$", re.MULTILINE)


def plain(text: str) -> str:
    """`text` without link targets, images, anchors and escapes; its words stay as they are."""
    text = _ANCHOR.sub("", _IMAGE.sub("", text))
    text = _ROLE.sub(r"\1", _LINK.sub(r"\1", text))
    return _ESCAPE.sub(r"\1", text)


def units(text: str) -> list[str]:
    """The quotable units of `text` in order, none blank."""
    return [unit for block in _blocks(text) for unit in _split(block) if re.search(r"\w", unit)]


def _blocks(text: str) -> Iterator[str]:
    held: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fence = bool(_FENCE.match(line))
        starts = fence or not line.strip() or _ITEM.match(line)
        starts = starts or _HEADING.match(line) or _ROW.match(line)
        if fenced or not starts:
            held.append(line)
            if fence:
                yield "\n".join(held)
                held, fenced = [], False
            continue
        if held:
            yield "\n".join(held)
        held = [line] if line.strip() else []
        fenced = fence
    if held:
        yield "\n".join(held)


def _split(block: str) -> Iterator[str]:
    if _FENCE.match(block):
        yield block
        return
    block = plain(block)
    if _ITEM.match(block) or _HEADING.match(block) or _ROW.match(block):
        yield re.sub(r"\s*\n\s*", " ", block).rstrip()
        return
    held = ""
    for sentence in _SENTENCE_END.split(re.sub(r"\s*\n\s*", " ", block.strip())):
        held = f"{held} {sentence}".strip()
        if not _ABBREVIATION.search(held):
            yield held
            held = ""
    if held:
        yield held
