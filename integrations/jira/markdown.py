"""Markdown as both renderers read it: CommonMark with tables and strikethrough, without HTML.

Bare addresses stay text: whoever wrote a text decides what is a link by writing one.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from mendwheel.integrations.visible import posing

# Without reference definitions: a text that quotes `[1]: https://…` would turn every citation
# of ours into a link of its own.
_PARSER = (
    MarkdownIt("commonmark", {"html": False, "maxNesting": 60})
    .enable(["table", "strikethrough"])
    .disable("reference")
)
# Jira's databases and XML exports refuse these; lone surrogates cannot be sent at all.
_UNSENDABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ALERT = re.compile(r"\[!([A-Za-z]+)\][ \t]*")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

ALERTS = {
    "NOTE": "info",
    "TIP": "success",
    "IMPORTANT": "note",
    "WARNING": "warning",
    "CAUTION": "error",
}
"""`> [!WARNING]` quotes are boxes: name → Jira's panel type."""


def parsed(markdown: str) -> SyntaxTreeNode:
    """The tree of a text; what Jira cannot store is replaced by U+FFFD."""
    return SyntaxTreeNode(_PARSER.parse(_UNSENDABLE.sub("\ufffd", markdown)))


def blocks(markdown: str) -> list[tuple[int, int, str]]:
    """(first line, line behind the last, type) of each top-level block."""
    return [
        (token.map[0], token.map[1], token.type.removesuffix("_open"))
        for token in _PARSER.parse(markdown)
        if token.level == 0 and token.nesting >= 0 and token.map
    ]


def safe_url(href: object) -> str | None:
    """`href` where it may be a link: http, https or mailto; None for any other."""
    text = str(href or "").strip()
    return text if re.match(r"(?:https?://|mailto:)[^\s]+$", text, re.I) else None


def poses(link: SyntaxTreeNode) -> bool:
    """Whether a link's text reads as another address than the one it leads to."""
    return posing(_said(link), str(link.attrs.get("href") or ""))


def _said(node: SyntaxTreeNode) -> str:
    return node.content or "".join(_said(child) for child in node.children)


def alert(quote: SyntaxTreeNode) -> str | None:
    """The panel type of a quote that begins with `[!NAME]` on a line of its own; else None."""
    texts = _first_line(quote)
    found = _ALERT.fullmatch(texts[0].content) if texts else None
    if found is None or (len(texts) > 1 and texts[1].type not in ("softbreak", "hardbreak")):
        return None
    return ALERTS.get(found[1].upper())


def _first_line(quote: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    first = quote.children[0] if quote.children else None
    if first is None or first.type != "paragraph" or not first.children:
        return []
    texts = first.children[0].children
    return texts if texts and texts[0].type == "text" else []


def without_alert(inline: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    """The rest of an alert's first paragraph."""
    return inline.children[2:]


def escaped(text: str) -> str:
    """`text` as Markdown that says exactly this, on one line: data never becomes markup."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def coded(text: str) -> str:
    """`text` as code in a line."""
    flat = " ".join(text.split())
    if not flat:
        return ""
    ticks = "`" * (max([0, *(len(run) for run in re.findall(r"`+", flat))]) + 1)
    edge = " " if flat[0] == "`" or flat[-1] == "`" else ""
    return f"{ticks}{edge}{flat}{edge}{ticks}"


def fenced(text: str, language: str = "") -> str:
    """`text` as a code block that it cannot break out of."""
    runs = [len(run) for run in re.findall(r"`{3,}", text)]
    fence = "`" * max([3, *(run + 1 for run in runs)])
    return f"{fence}{language}\n{text}\n{fence}"


def linked(title: str, url: str | None) -> str:
    """A link, or only its title when `url` may not be one."""
    safe = safe_url(url)
    if safe is None:
        return escaped(title)
    target = re.sub(r"[<>\\\x00-\x20]", lambda found: f"%{ord(found[0]):02X}", safe)
    return f"[{escaped(title) or escaped(safe)}](<{target}>)"
