"""The inline half of Markdown to ADF: text nodes with marks, and line breaks."""

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from mendwheel.integrations.jira.markdown import poses, safe_url

Mark = dict[str, Any]
Node = dict[str, Any]

_MARKS = {"strong": "strong", "em": "em", "s": "strike"}


def text_node(text: str, *marks: Mark) -> Node:
    """A text node; `text` must not be empty."""
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


def inline(nodes: Sequence[SyntaxTreeNode]) -> list[Node]:
    """ADF inline nodes: none empty, neighbours with the same marks joined."""
    found: list[Node] = []
    for node in _flat(nodes, ()):
        if node["type"] == "text" and not node["text"]:
            continue
        last = found[-1] if found else {}
        if node["type"] == "text" == last.get("type") and node.get("marks") == last.get("marks"):
            last["text"] += node["text"]
        else:
            found.append(node)
    return found


def rows_as_text(rows: Sequence[SyntaxTreeNode]) -> list[list[Node]]:
    """Table rows as lines, for places where no table may stand."""
    lines: list[list[Node]] = []
    for row in rows:
        line: list[Node] = []
        for cell in row.children:
            line += [text_node(" | ")] if line else []
            line += inline(cell.children[0].children) if cell.children else []
        lines.append(line)
    return lines


def _flat(nodes: Sequence[SyntaxTreeNode], marks: tuple[Mark, ...]) -> Iterator[Node]:
    for node in nodes:
        match node.type:
            case "softbreak":
                yield text_node(" ", *marks)
            case "hardbreak":
                yield {"type": "hardBreak"}
            case "code_inline":
                # Code goes with a link and with nothing else.
                links = [mark for mark in marks if mark["type"] == "link"]
                yield text_node(node.content, {"type": "code"}, *links)
            case "image":
                yield text_node(node.content or "image", *_linked(marks, node.attrs.get("src")))
            case "link":
                href = node.attrs.get("href")
                if poses(node):  # the address instead of what only looks like one
                    yield text_node(str(href), *_linked(marks, href))
                else:
                    yield from _flat(node.children, _linked(marks, href))
            case kind if kind in _MARKS:
                yield from _flat(node.children, _with(marks, {"type": _MARKS[kind]}))
            case _:
                yield text_node(node.content, *marks)


def _linked(marks: tuple[Mark, ...], href: object) -> tuple[Mark, ...]:
    url = safe_url(href)
    if url is None:
        return marks
    plain = tuple(mark for mark in marks if mark["type"] != "link")
    return (*plain, {"type": "link", "attrs": {"href": url}})


def _with(marks: tuple[Mark, ...], mark: Mark) -> tuple[Mark, ...]:
    return marks if mark in marks else (*marks, mark)
