"""Atlassian Document Format to Markdown: what a person wrote, as agents and people read it.

Whatever comes in, something readable comes out: unknown nodes give what they contain.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mendwheel.integrations.jira.adf_inline import LEAVES, attribute, children, inline, is_inline

DEEPEST = 40
"""Levels; Jira's editor makes fewer than ten, and a text is not worth a stack overflow."""


def adf_text(document: Any) -> str:
    """The Markdown of an ADF document (a decoded JSON object); "" for null, empty and nonsense."""
    return "\n\n".join(_blocks([document], 0)).strip() if isinstance(document, Mapping) else ""


def _blocks(nodes: list[Mapping[str, Any]], depth: int) -> list[str]:
    """One text per block; inline nodes that stand between blocks are a paragraph of their own."""
    if depth > DEEPEST:
        return ["…"] if nodes else []
    found: list[str] = []
    loose: list[Mapping[str, Any]] = []
    for node in nodes:
        if is_inline(node):
            loose.append(node)
            continue
        found += [inline(loose), *_block(node, depth)]
        loose = []
    found.append(inline(loose))
    return [text for text in (each.strip("\n") for each in found) if text.strip()]


def _block(node: Mapping[str, Any], depth: int) -> list[str]:
    kind = node.get("type")
    kind = kind if isinstance(kind, str) else ""
    if kind in _HANDLERS:
        return [_HANDLERS[kind](node, depth + 1)]
    if kind in LEAVES:
        return [inline([node])]
    if isinstance(node.get("text"), str):
        return [node["text"]]
    inside = _blocks(children(node), depth + 1)
    return inside or [str(attribute(node, "text") or attribute(node, "url") or "")]


def _paragraph(node: Mapping[str, Any], depth: int) -> str:
    inside = children(node)
    if all(is_inline(each) for each in inside):
        return inline(inside)
    return _joined(node, depth)


def _joined(node: Mapping[str, Any], depth: int) -> str:
    return "\n\n".join(_blocks(children(node), depth))


def _heading(node: Mapping[str, Any], depth: int) -> str:
    level = attribute(node, "level")
    text = " ".join(_paragraph(node, depth).split())
    return f"{'#' * (min(max(level, 1), 6) if isinstance(level, int) else 1)} {text}"


def _list(lead: Callable[[Mapping[str, Any], int], str]) -> Callable[[Mapping[str, Any], int], str]:
    def render(node: Mapping[str, Any], depth: int) -> str:
        return "\n".join(
            _item(item, lead(item, number), depth)
            for number, item in enumerate(children(node), _first(node))
        )

    return render


def _item(item: Mapping[str, Any], lead: str, depth: int) -> str:
    if str(item.get("type", "")).endswith("List"):  # a list right inside a list, as tasks nest
        return _indented("\n".join(_blocks([item], depth)), "  ", "  ")
    return _indented("\n".join(_blocks(children(item), depth)), lead, " " * len(lead))


def _first(node: Mapping[str, Any]) -> int:
    order = attribute(node, "order")
    return order if isinstance(order, int) and not isinstance(order, bool) and order >= 0 else 1


def _task(item: Mapping[str, Any], _: int) -> str:
    return "- [x] " if attribute(item, "state") == "DONE" else "- [ ] "


def _indented(text: str, first: str, rest: str) -> str:
    head, *tail = text.split("\n")
    return "\n".join([first + head, *((rest + line).rstrip() for line in tail)])


def _code(node: Mapping[str, Any], _: int) -> str:
    text = "".join(each["text"] for each in children(node) if isinstance(each.get("text"), str))
    language = attribute(node, "language")
    fence = "```"
    while fence in text:
        fence += "`"
    name = language if isinstance(language, str) and language.isprintable() else ""
    return f"{fence}{name.replace('`', '')}\n{text}\n{fence}"


def _quote(node: Mapping[str, Any], depth: int) -> str:
    return _indented(_joined(node, depth), "> ", "> ")


def _panel(node: Mapping[str, Any], depth: int) -> str:
    kind = attribute(node, "panelType")
    name = kind.upper() if isinstance(kind, str) and kind.isalpha() else "NOTE"
    return _indented(f"[!{name}]\n{_joined(node, depth)}", "> ", "> ")


def _expand(node: Mapping[str, Any], depth: int) -> str:
    title = attribute(node, "title")
    lead = f"**{title.strip()}**\n\n" if isinstance(title, str) and title.strip() else ""
    return lead + _joined(node, depth)


def _table(node: Mapping[str, Any], depth: int) -> str:
    rows = [[_cell(cell, depth) for cell in children(row)] for row in children(node)]
    rows = [row for row in rows if row]
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(cell: Mapping[str, Any], depth: int) -> str:
    return " ".join(_joined(cell, depth).split()).replace("|", "\\|")


def _rule(_: Mapping[str, Any], __: int) -> str:
    return "---"


_HANDLERS: dict[str, Callable[[Mapping[str, Any], int], str]] = {
    "doc": _joined,
    "paragraph": _paragraph,
    "heading": _heading,
    "bulletList": _list(lambda _, __: "- "),
    "orderedList": _list(lambda _, number: f"{number}. "),
    "taskList": _list(_task),
    "decisionList": _list(lambda _, __: "- Decided: "),
    "codeBlock": _code,
    "blockquote": _quote,
    "panel": _panel,
    "expand": _expand,
    "nestedExpand": _expand,
    "table": _table,
    "rule": _rule,
}
