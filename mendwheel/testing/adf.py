"""The Atlassian Document Format as Jira Cloud checks it, and to and from plain text.

Written against the published schema, apart from the suite's own converter: a mistake there must
not hide behind the same mistake here.
"""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

_INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "placeholder"}
_INLINE |= {"mediaInline", "inlineExtension"}
_LISTS = {"bulletList", "orderedList", "taskList"}
_MEDIA = {"mediaSingle", "mediaGroup"}
_SIMPLE = {"paragraph", "heading", "codeBlock", "rule", "blockCard"} | _LISTS | _MEDIA
_TOP = _SIMPLE | {"blockquote", "panel", "table", "expand", "decisionList", "embedCard"}
_TOP |= {"extension", "bodiedExtension", "layoutSection"}
_CELL = _SIMPLE | {"panel", "blockquote", "nestedExpand", "decisionList", "extension"}

_CHILDREN: dict[str, set[str]] = {
    "doc": _TOP,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "codeBlock": {"text"},
    "blockquote": {"paragraph", "bulletList", "orderedList", "codeBlock"} | _MEDIA,
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": {"paragraph", "bulletList", "orderedList", "taskList", "codeBlock", "mediaSingle"},
    "taskList": {"taskItem", "taskList"},
    "taskItem": _INLINE,
    "decisionList": {"decisionItem"},
    "decisionItem": _INLINE,
    "panel": {"paragraph", "heading", "codeBlock", "rule", "blockCard"} | _LISTS | _MEDIA,
    "table": {"tableRow"},
    "tableRow": {"tableCell", "tableHeader"},
    "tableCell": _CELL,
    "tableHeader": _CELL,
    "expand": _TOP - {"expand", "layoutSection"},
    "nestedExpand": {"paragraph", "heading", "codeBlock"} | _LISTS | _MEDIA,
    "mediaSingle": {"media", "caption"},
    "mediaGroup": {"media"},
    "caption": _INLINE,
    "layoutSection": {"layoutColumn"},
    "layoutColumn": _TOP - {"layoutSection"},
    "bodiedExtension": _TOP - {"bodiedExtension", "layoutSection"},
}
_NOT_EMPTY = {"bulletList", "orderedList", "listItem", "taskList", "table", "blockquote", "panel"}
_NOT_EMPTY |= {"expand", "mediaSingle", "mediaGroup", "decisionList", "tableCell", "tableHeader"}
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "heading": ("level",),
    "panel": ("panelType",),
    "mention": ("id",),
    "emoji": ("shortName",),
    "date": ("timestamp",),
    "status": ("text", "color"),
    "media": ("type",),
    "taskList": ("localId",),
    "taskItem": ("localId", "state"),
    "extension": ("extensionKey", "extensionType"),
}
_VALUES: dict[tuple[str, str], set[Any]] = {
    ("heading", "level"): {1, 2, 3, 4, 5, 6},
    ("panel", "panelType"): {"info", "note", "tip", "warning", "error", "success", "custom"},
    ("status", "color"): {"neutral", "purple", "blue", "red", "yellow", "green"},
}
_MARKS = {
    "strong",
    "em",
    "code",
    "link",
    "strike",
    "subsup",
    "textColor",
    "underline",
    "backgroundColor",
}
_MARKS |= {"annotation", "border"}
_WITH_CODE = {"code", "link", "annotation"}
_BLOCK_END = {
    "paragraph",
    "heading",
    "codeBlock",
    "listItem",
    "tableRow",
    "rule",
    "blockquote",
    "panel",
}


def faults(document: Any) -> list[str]:
    """What is wrong with `document`, each with its path; empty: Jira takes it."""
    if not isinstance(document, dict) or document.get("type") != "doc":
        return ["/: is not a doc"]
    found = [] if document.get("version") == 1 else ["/version: is not 1"]
    extra = document.keys() - {"type", "version", "content"}
    found += [f"/: unknown property {name}" for name in extra]
    return found + list(_contents(document, "doc", ""))


def _node(node: Any, at: str) -> Iterator[str]:
    if not isinstance(node, dict):
        yield f"{at}: is not an object"
        return
    kind = node.get("type")
    for name in node.keys() - {"type", "attrs", "content", "marks", "text"}:
        yield f"{at}: unknown property {name}"
    attributes = node.get("attrs") or {}
    for name in _ATTRIBUTES.get(str(kind), ()):
        if name not in attributes:
            yield f"{at}/attrs: {name} is missing"
        elif attributes[name] not in _VALUES.get((str(kind), name), {attributes[name]}):
            yield f"{at}/attrs/{name}: {attributes[name]!r} is not allowed"
    if kind == "inlineCard" and not ({"url", "data"} & attributes.keys()):
        yield f"{at}/attrs: url is missing"
    if kind == "text":
        yield from _text(node, at)
    else:
        yield from _contents(node, str(kind), at)


def _contents(node: Node, kind: str, at: str) -> Iterator[str]:
    content = node.get("content", [])
    if not isinstance(content, list):
        yield f"{at}/content: is not an array"
        return
    if not content and kind in _NOT_EMPTY:
        yield f"{at}: {kind} is empty"
    if content and kind not in _CHILDREN:
        yield f"{at}: {kind} has no content"
        return
    if kind == "doc" and "content" not in node:
        yield "/: content is missing"
    for number, each in enumerate(content):
        where = f"{at}/content/{number}"
        child = each.get("type") if isinstance(each, dict) else None
        if child not in _CHILDREN.get(kind, set()):
            yield f"{where}: {child} is not allowed in {kind}"
        elif kind == "codeBlock" and each.get("marks"):
            yield f"{where}: text in codeBlock has no marks"
        else:
            yield from _node(each, where)


def _text(node: Node, at: str) -> Iterator[str]:
    if not isinstance(node.get("text"), str) or not node["text"]:
        yield f"{at}: text is empty"
    marks = node.get("marks") or []
    kinds = [mark.get("type") if isinstance(mark, dict) else None for mark in marks]
    for mark, kind in zip(marks, kinds, strict=True):
        if kind not in _MARKS:
            yield f"{at}: mark {kind} is unknown"
        elif kind == "link" and not (mark.get("attrs") or {}).get("href"):
            yield f"{at}: link has no href"
    if len(set(kinds)) < len(kinds):
        yield f"{at}: a mark is there twice"
    if "code" in kinds and set(kinds) - _WITH_CODE:
        yield f"{at}: code goes only with link"


def from_text(text: str) -> Node:
    """Paragraphs of plain text, one per line."""
    lines = [line for line in text.split("\n") if line.strip()]
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return {"type": "doc", "version": 1, "content": content}


def to_text(node: Any) -> str:
    """What a reader sees of `node`, without formatting; strings stay as they are."""
    if isinstance(node, str):
        return node
    return "".join(_pieces(node)).strip() if isinstance(node, dict) else ""


def _pieces(node: Node) -> Iterator[str]:
    kind, attributes = node.get("type"), node.get("attrs") or {}
    if kind == "text":
        yield str(node.get("text") or "")
    elif kind == "hardBreak":
        yield "\n"
    elif kind in ("mention", "status", "emoji"):
        yield str(attributes.get("text") or attributes.get("shortName") or "")
    elif kind == "inlineCard":
        yield str(attributes.get("url") or "")
    for each in node.get("content") or []:
        if isinstance(each, dict):
            yield from _pieces(each)
    if kind in ("tableCell", "tableHeader"):
        yield " | "
    elif kind in _BLOCK_END:
        yield "\n"
