"""The inline half of ADF to Markdown: text with its marks, mentions, dates, cards, files."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

_WRAPPED = {"strong": "**", "em": "*", "strike": "~~"}


def children(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The nodes inside, without what is no node."""
    content = node.get("content")
    return [each for each in content if isinstance(each, Mapping)] if type(content) is list else []


def attribute(node: Mapping[str, Any], name: str) -> Any:
    """One attribute, or None."""
    attrs = node.get("attrs")
    return attrs.get(name) if isinstance(attrs, Mapping) else None


def inline(nodes: list[Mapping[str, Any]]) -> str:
    """Inline nodes as Markdown; a node of another kind gives nothing."""
    return "".join(_one(node) for node in nodes)


def _one(node: Mapping[str, Any]) -> str:
    kind = node.get("type")
    handler = _HANDLERS.get(kind) if isinstance(kind, str) else None
    return handler(node) if handler else ""


def _text(node: Mapping[str, Any]) -> str:
    text = node.get("text")
    if not isinstance(text, str):
        return ""
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else []:
        if isinstance(mark, Mapping):
            text = _marked(text, mark)
    return text


def _marked(text: str, mark: Mapping[str, Any]) -> str:
    """Marks stand close to the words, not around their spaces, or Markdown does not see them."""
    inner = text.strip()
    kind = mark.get("type")
    if not inner or not isinstance(kind, str):
        return text
    if kind == "code":
        wrapped = f"`` {inner} ``" if "`" in inner else f"`{inner}`"
    elif kind == "link":
        url = attribute(mark, "href")
        if not isinstance(url, str) or not url.strip():
            return text
        wrapped = url if inner == url else f"[{inner}]({url})"
    elif kind in _WRAPPED:
        wrapped = f"{_WRAPPED[kind]}{inner}{_WRAPPED[kind]}"
    else:
        return text
    before = text[: len(text) - len(text.lstrip())]
    return f"{before}{wrapped}{text[len(text.rstrip()) :]}"


def _first(*names: str) -> Callable[[Mapping[str, Any]], str]:
    def pick(node: Mapping[str, Any]) -> str:
        values = (attribute(node, name) for name in names)
        return next((value for value in values if isinstance(value, str) and value), "")

    return pick


def _mention(node: Mapping[str, Any]) -> str:
    name = _first("text", "id")(node)
    return name if name.startswith("@") or not name else f"@{name}"


def _status(node: Mapping[str, Any]) -> str:
    text = _first("text")(node)
    return f"[{text}]" if text else ""


def _media(node: Mapping[str, Any]) -> str:
    name = _first("alt", "url", "id")(node)
    return f"[file: {name}]" if name else "[file]"


def _card(node: Mapping[str, Any]) -> str:
    data = attribute(node, "data")
    url = _first("url")(node) or (data.get("url") if isinstance(data, Mapping) else "")
    return url if isinstance(url, str) else ""


def _date(node: Mapping[str, Any]) -> str:
    try:
        moment = datetime.fromtimestamp(int(attribute(node, "timestamp")) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%d}"


_HANDLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": _text,
    "hardBreak": lambda _: "\n",
    "mention": _mention,
    "emoji": _first("text", "shortName"),
    "date": _date,
    "status": _status,
    "inlineCard": _card,
    "blockCard": _card,
    "embedCard": _card,
    "media": _media,
    "mediaInline": _media,
    "placeholder": _first("text"),
    "inlineExtension": _first("text"),
}

LEAVES = frozenset({"blockCard", "embedCard", "media"})
"""Block types that have no children: what they say is an inline text."""


def is_inline(node: Mapping[str, Any]) -> bool:
    """Whether `node` stands in a line of text."""
    kind = node.get("type")
    return isinstance(kind, str) and kind in _HANDLERS and kind not in LEAVES
