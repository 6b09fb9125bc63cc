"""Markdown to Slack's mrkdwn, in parts that each fit into one section."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mendwheel.integrations.slack.escape import code, inline_code, link, literal
from mendwheel.integrations.slack.limits import SECTION, blank, cut, cut_code, size
from mendwheel.integrations.slack.table import aligned

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
LONGEST = 20_000
"""Characters of Markdown that are read: a message shows 12,000, and parsing more takes long."""

_MARKS = {"strong": "*", "em": "_", "s": "~"}
_BULLETS = "•◦▪"
_EDGE = "\u200b"
"""Between a mark and a letter: without it Slack takes `a*b*` literally."""


@dataclass(frozen=True)
class Piece:
    """One block; `code` comes without its fence, so that it can be parted and fenced again."""

    text: str
    code: bool = False
    tight: bool = False

    @property
    def gap(self) -> str:
        """What stands between the piece before and this one."""
        return "\n" if self.tight else "\n\n"


def parts(markdown: str, limit: int = SECTION) -> list[str]:
    """`markdown` as mrkdwn of at most `limit` each, parted between blocks where that is possible.

    `limit` of at least 1200: a link is never parted. A fence is closed and opened again. What
    stands after the first `LONGEST` characters is left out: `unread` says how much that is.
    """
    packed: list[str] = []
    for piece in pieces(markdown):
        for gap, chunk in _chunks(piece, limit):
            if packed and size(packed[-1]) + size(gap) + size(chunk) <= limit:
                packed[-1] += gap + chunk
            else:
                packed.append(chunk)
    return packed


def unread(markdown: str) -> int:
    """How many characters of `markdown` are not even looked at."""
    return max(0, len(markdown) - LONGEST)


def mrkdwn(markdown: str) -> str:
    """All of `markdown` as one text of any length."""
    return "".join(parts(markdown, limit=100 * LONGEST))


@lru_cache(maxsize=128)
def pieces(markdown: str) -> tuple[Piece, ...]:
    """The blocks of `markdown`, in order. A card is fitted and updated with the same texts."""
    walk = _Walk()
    tokens = iter(_MARKDOWN.parse(markdown[:LONGEST]))
    for token in tokens:
        if token.type == "table_open":
            walk.add(code("\n".join(aligned(_rows(tokens)))), code=True)
        else:
            walk.take(token)
    return tuple(walk.pieces)


@dataclass
class _Walk:
    """Where in lists and quotes the next block stands."""

    pieces: list[Piece] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)
    quotes: int = 0
    marker: str = ""
    heading: bool = False
    inside: bool = False

    def take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self.lists.append(None)
            case "ordered_list_open":
                self.lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
                self.inside = bool(self.lists)
            case "list_item_open":
                self.marker = self._next_marker()
            case "blockquote_open" | "blockquote_close":
                self.quotes += token.nesting
            case "heading_open" | "heading_close":
                self.heading = token.nesting == 1
            case "inline":
                self.add(self._placed(spans(token.children or [], bold=self.heading)))
            case "fence" | "code_block":
                self.add(code(token.content), code=True)
            case "hr":
                self.add("———")

    def add(self, text: str, *, code: bool = False) -> None:
        if not blank(text):
            tight = self.inside and bool(self.lists)
            self.pieces.append(Piece(text, code=code, tight=tight))
            self.inside = bool(self.lists)

    def _next_marker(self) -> str:
        number = self.lists[-1]
        if number is None:
            return _BULLETS[min(len(self.lists), len(_BULLETS)) - 1]
        self.lists[-1] = number + 1
        return f"{number}."

    def _placed(self, text: str) -> str:
        """`text` behind its list marker or below it, and quoted."""
        if blank(text):
            return ""
        if self.lists:
            indent = "    " * (len(self.lists) - 1)
            first, self.marker = self.marker or " ", ""
            text = f"{indent}{first} " + text.replace("\n", f"\n{indent}  ")
        if self.quotes:
            text = "> " + text.replace("\n", "\n> ")
        return text


def spans(tokens: Sequence[Token], *, bold: bool = False) -> str:
    """Inline Markdown as mrkdwn; `bold` puts all of it in bold."""
    text, open_marks, closed = "", {"*": int(bold)}, False
    inner = iter(tokens)
    for token in inner:
        mark = _MARKS.get(token.type.removesuffix("_open").removesuffix("_close"), "")
        if mark:
            before = open_marks.get(mark, 0)
            open_marks[mark] = before + token.nesting
            if 0 in (before, open_marks[mark]):
                text += (_EDGE if token.nesting == 1 and text[-1:].isalnum() else "") + mark
                closed = token.nesting == -1
            continue
        shown = _span(token, inner, any(open_marks.values()))
        text += (_EDGE if closed and shown[:1].isalnum() else "") + shown
        closed = closed and not shown
    return f"*{text}*" if bold and not blank(text) else text


def _span(token: Token, rest: Iterator[Token], marked: bool) -> str:
    match token.type:
        case "text":
            return literal(token.content)
        case "softbreak" | "hardbreak":
            return " " if marked else "\n"  # formatting ends at a line's end
        case "code_inline":
            return inline_code(token.content)
        case "link_open":
            return link(str(token.attrGet("href") or ""), _label(rest))
        case "image":
            return link(str(token.attrGet("src") or ""), token.content or "image")
    return ""


def _label(rest: Iterator[Token]) -> str:
    """The text up to the link's end: Slack formats nothing inside of a link."""
    words = []
    for token in rest:
        if token.type == "link_close":
            break
        words.append(" " if token.type.endswith("break") else token.content)
    return "".join(words)


def _rows(tokens: Iterator[Token]) -> list[list[str]]:
    """The cells of a table, up to its end."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(" ".join(_label(iter(token.children or [])).split()))
    return rows


def _chunks(piece: Piece, limit: int) -> list[tuple[str, str]]:
    """`piece` in chunks of at most `limit`, each with the gap before it."""
    chunks, gap, rest = [], piece.gap, piece.text
    while not blank(rest):
        head, rest = cut_code(rest, limit) if piece.code else cut(rest, limit)
        chunks.append((gap, head))
        gap = "\n"
    return chunks
