"""Markdown to Atlassian Document Format, version 1: what Jira Cloud's v3 takes as a text.

Where ADF does not allow a block inside another one, the block is taken apart, never dropped.
"""

from collections.abc import Sequence
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from mendwheel.integrations.jira.adf_marks import inline, rows_as_text, text_node
from mendwheel.integrations.jira.markdown import alert, parsed, without_alert

Node = dict[str, Any]

_IN_LIST = frozenset({"paragraph", "bulletList", "orderedList", "codeBlock"})
_IN_PANEL = _IN_LIST | {"heading", "rule"}
_ANYWHERE = _IN_PANEL | {"blockquote", "panel", "table"}


def document(markdown: str, *, closing: str = "", mention: Sequence[str] = ()) -> Node:
    """The ADF document of `markdown`; valid for any text.

    `mention`: accountIds called in a line of their own at the top, the only way to a mention.
    `closing`: a last line, set as code, whatever the Markdown before it leaves open.
    """
    content = _blocks(parsed(markdown).children, _ANYWHERE)
    if mention:
        content.insert(0, _paragraph(_mentions(mention)))
    if closing:
        content.append(_paragraph([text_node(closing, {"type": "code"})]))
    return {"version": 1, "type": "doc", "content": content or [_paragraph([])]}


def text_size(node: Any) -> int:
    """Characters of text in a node, line breaks and block ends included."""
    if not isinstance(node, dict):
        return 0
    inside = sum(text_size(each) for each in node.get("content", ()))
    return len(node.get("text", "")) + inside + (node.get("type") != "text")


def _blocks(nodes: Sequence[SyntaxTreeNode], allowed: frozenset[str]) -> list[Node]:
    return [block for node in nodes for block in _block(node, allowed)]


def _block(node: SyntaxTreeNode, allowed: frozenset[str]) -> list[Node]:
    match node.type:
        case "paragraph":
            return [_paragraph(inline(node.children[0].children))] if node.children else []
        case "heading":
            return _heading(node, allowed)
        case "bullet_list" | "ordered_list":
            return [_list(node)]
        case "fence" | "code_block":
            return [_code(node.content, node.info)]
        case "blockquote":
            return _quote(node, allowed)
        case "table":
            return _table(node, allowed)
        case "hr":
            return [{"type": "rule"}] if "rule" in allowed else []
        case _:
            return _blocks(node.children, allowed)


def _paragraph(content: list[Node]) -> Node:
    return {"type": "paragraph", "content": content}


def _mentions(ids: Sequence[str]) -> list[Node]:
    content: list[Node] = []
    for each in ids:
        content += [{"type": "mention", "attrs": {"id": each}}, text_node(" ")]
    return content


def _heading(node: SyntaxTreeNode, allowed: frozenset[str]) -> list[Node]:
    content = inline(node.children[0].children) if node.children else []
    if "heading" not in allowed:
        return [_paragraph(content)] if content else []
    return [{"type": "heading", "attrs": {"level": int(node.tag[1:])}, "content": content}]


def _list(node: SyntaxTreeNode) -> Node:
    items = [{"type": "listItem", "content": _item(item)} for item in node.children]
    if node.type == "bullet_list":
        return {"type": "bulletList", "content": items}
    start = node.attrs.get("start", 1)
    order = {"attrs": {"order": int(start)}} if start != 1 else {}
    return {"type": "orderedList", **order, "content": items}


def _item(node: SyntaxTreeNode) -> list[Node]:
    """Old editors refuse an item that does not begin with a paragraph."""
    inside = _blocks(node.children, _IN_LIST)
    begins = bool(inside) and inside[0]["type"] == "paragraph"
    return inside if begins else [_paragraph([]), *inside]


def _code(text: str, info: str) -> Node:
    language = info.split()[0] if info.strip() else ""
    attrs = {"attrs": {"language": language}} if language.isprintable() and language else {}
    text = text.removesuffix("\n")
    return {"type": "codeBlock", **attrs, "content": [text_node(text)] if text else []}


def _quote(node: SyntaxTreeNode, allowed: frozenset[str]) -> list[Node]:
    kind = alert(node)
    if kind is None:
        if "blockquote" not in allowed:
            return _blocks(node.children, allowed)
        inside = _blocks(node.children, _IN_LIST)
        return [{"type": "blockquote", "content": inside}] if inside else []
    first = inline(without_alert(node.children[0].children[0]))
    nested = _IN_PANEL if "panel" in allowed else allowed
    inside = [_paragraph(first)] if first else []
    inside += _blocks(node.children[1:], nested)
    if "panel" not in allowed or not inside:
        return inside
    return [{"type": "panel", "attrs": {"panelType": kind}, "content": inside}]


def _table(node: SyntaxTreeNode, allowed: frozenset[str]) -> list[Node]:
    rows = [row for part in node.children for row in part.children]
    if "table" not in allowed:
        return [_paragraph(line) for line in rows_as_text(rows)]
    return [{"type": "table", "content": [_row(row) for row in rows]}]


def _row(row: SyntaxTreeNode) -> Node:
    return {"type": "tableRow", "content": [_cell(cell) for cell in row.children]}


def _cell(cell: SyntaxTreeNode) -> Node:
    content = inline(cell.children[0].children) if cell.children else []
    kind = "tableHeader" if cell.type == "th" else "tableCell"
    return {"type": kind, "attrs": {}, "content": [_paragraph(content)]}
