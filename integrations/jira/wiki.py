"""Markdown to Jira wiki markup: what Data Center's v2 takes as a text."""

import re
from collections.abc import Sequence

from markdown_it.tree import SyntaxTreeNode

from mendwheel.integrations.jira.markdown import alert, parsed, poses, safe_url, without_alert
from mendwheel.integrations.jira.wiki_escape import escaped, target, unmacroed

_MARKS = {"strong": "*", "em": "_", "s": "-"}
_LANGUAGES = (
    "actionscript ada applescript bash c c# c++ cpp css erlang go groovy haskell html java "
    "javascript js json lua none nyan objc perl php python r rainbow ruby scala sh sql swift "
    "visualbasic xml yaml"
)
"""Any other name makes Jira show an error box in place of the code."""
_ALIASES = {"py": "python", "yml": "yaml", "shell": "bash", "console": "bash", "golang": "go"}


def wiki(markdown: str, *, closing: str = "", mention: Sequence[str] = ()) -> str:
    """The wiki markup of `markdown`.

    `mention`: user names called in a line of their own at the top, the only way to a mention.
    `closing`: a last line, set as code.
    """
    parts = [" ".join(f"[~{_name(each)}]" for each in mention), _blocks(parsed(markdown).children)]
    parts.append(f"{{{{{escaped(closing)}}}}}" if closing else "")
    return "\n\n".join(part for part in parts if part)


def _name(user: str) -> str:
    return re.sub(r"[\[\]|\s{}]", "", user)


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> str:
    return "\n\n".join(text for text in (_block(node) for node in nodes) if text.strip())


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph":
            return _inline(node)
        case "heading":
            return f"h{node.tag[1:]}. {_inline(node)}" if node.children else ""
        case "bullet_list" | "ordered_list":
            return _list(node, "")
        case "fence" | "code_block":
            return _code(node.content, node.info)
        case "blockquote":
            return _quote(node)
        case "table":
            return "\n".join(_row(row) for part in node.children for row in part.children)
        case "hr":
            return "----"
        case _:
            return _blocks(node.children)


def _list(node: SyntaxTreeNode, outer: str) -> str:
    lead = outer + ("*" if node.type == "bullet_list" else "#")
    return "\n".join(_item(item, lead) for item in node.children)


def _item(item: SyntaxTreeNode, lead: str) -> str:
    """Paragraphs of an item share its line; what wiki lists cannot hold follows them."""
    lines, rest = [], []
    for child in item.children:
        if child.type in ("paragraph", "heading"):
            lines.append(_inline(child))
        elif child.type in ("bullet_list", "ordered_list"):
            rest.append(_list(child, lead))
        else:
            rest.append(_block(child))
    text = " \\\\ ".join(line.replace("\n", " ") for line in lines if line) or " "
    return "\n".join([f"{lead} {text}", *(part for part in rest if part)])


def _code(text: str, info: str) -> str:
    name = info.split()[0].lower() if info.strip() else ""
    name = _ALIASES.get(name, name)
    body = unmacroed(text.removesuffix("\n"))
    if name in _LANGUAGES.split():
        return f"{{code:{name}}}\n{body}\n{{code}}"
    return f"{{noformat}}\n{body}\n{{noformat}}"


def _quote(node: SyntaxTreeNode) -> str:
    """Quotes and panels do not nest in wiki markup: the inner ones lose their frame."""
    kind = alert(node)
    if kind is None:
        inside = _blocks(_unquoted(node.children))
        return f"{{quote}}\n{inside}\n{{quote}}" if inside else ""
    first = _spans(without_alert(node.children[0].children[0]))
    inside = "\n\n".join(part for part in (first, _blocks(_unquoted(node.children[1:]))) if part)
    macro = {"error": "warning", "success": "tip"}.get(kind, kind)
    return f"{{{macro}}}\n{inside}\n{{{macro}}}" if inside else ""


def _unquoted(nodes: Sequence[SyntaxTreeNode]) -> list[SyntaxTreeNode]:
    found: list[SyntaxTreeNode] = []
    for node in nodes:
        found += _unquoted(node.children) if node.type == "blockquote" else [node]
    return found


def _row(row: SyntaxTreeNode) -> str:
    edge = "||" if row.children and row.children[0].type == "th" else "|"
    cells = (_inline(cell).replace("\n", " ") or " " for cell in row.children)
    return edge + edge.join(cells) + edge


def _inline(node: SyntaxTreeNode) -> str:
    return _spans(node.children[0].children) if node.children else ""


def _spans(nodes: Sequence[SyntaxTreeNode]) -> str:
    return "".join(_span(node) for node in nodes)


def _span(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return " \\\\ "
        case "code_inline":
            return _wrapped("{{", escaped(node.content), "}}")
        case "image":
            return _link(escaped(node.content or "image"), node.attrs.get("src"))
        case "link":
            href = node.attrs.get("href")
            return _link(escaped(str(href)) if poses(node) else _spans(node.children), href)
        case kind if kind in _MARKS:
            return _wrapped(_MARKS[kind], _spans(node.children), _MARKS[kind])
        case _:
            return escaped(node.content)


def _wrapped(begin: str, text: str, end: str) -> str:
    """Marks count only where no letter touches them; braces make them count anywhere."""
    if not text.strip():
        return text
    return f"{begin}{text}{end}" if begin == "{{" else f"{{{begin}}}{text}{{{end}}}"


def _link(text: str, href: object) -> str:
    url = safe_url(href)
    return f"[{text}|{target(url)}]" if url and text.strip() else text
