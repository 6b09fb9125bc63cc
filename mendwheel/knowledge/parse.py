"""Reads one document out of Markdown, HTML or a JSON row; headings survive as Markdown headings."""

import json
import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from mendwheel.domain.knowledge import Document

FIELDS = ("id", "title", "kind", "product", "component", "remedy", "url")
"""What front matter may say about a document, besides `labels`."""

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIRST_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_BLOCKS = frozenset(
    ("p", "div", "section", "article", "main", "ul", "ol", "table", "blockquote", "dl", "dt", "dd")
)
_IGNORED = ("script", "style", "nav", "footer", "template", "noscript")


class Malformed(ValueError):
    """The text is not a document; the message says what is wrong with it."""


def markdown(text: str, identity: str) -> Document:
    """A Markdown or plain text document, with its front matter if it starts with `---`."""
    stated, body = front_matter(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    heading = _FIRST_HEADING.search(body)
    title = heading.group(1) if heading else re.sub(r"[-_]+", " ", identity.rsplit("/", 1)[-1])
    return _document({"id": identity, "title": title, **stated, "body": body})


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The `key: value` lines of `text` and the rest; lists as `[a, b]`."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    stated: dict[str, Any] = {}
    for line in match.group(1).split("\n"):
        key, colon, value = line.partition(":")
        key, value = key.strip().lower(), value.strip().strip("\"'")
        if colon and key == "labels":
            items = (item.strip().strip("\"'") for item in value.strip("[]").split(","))
            stated[key] = [item for item in items if item]
        elif colon and key in FIELDS and value:
            stated[key] = value
    return stated, text[match.end() :]


def html(text: str, identity: str) -> Document:
    """An HTML page: headings, lists, code and tables as Markdown; menus and scripts dropped."""
    page = BeautifulSoup(text, "html.parser")
    for tag in page(_IGNORED):
        tag.decompose()
    title = page.title.get_text(" ", strip=True) if page.title else ""
    if page.head is not None:
        page.head.decompose()
    body = re.sub(r"\n{3,}", "\n\n", _render(page)).strip()
    heading = _FIRST_HEADING.search(body)
    name = title or (heading.group(1) if heading else identity.rsplit("/", 1)[-1])
    return _document({"id": identity, "title": name, "body": body})


def row(line: str) -> Document:
    """A JSON object `{id, title, body, product?, kind?, component?, remedy?, url?, labels?}`.

    Raises:
        Malformed: it is not such an object.
    """
    try:
        read = json.loads(line)
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON ({error.msg}, column {error.colno})") from error
    if not isinstance(read, dict):
        raise Malformed("not a JSON object")
    for name in ("id", "title", "body"):
        if not isinstance(read.get(name), str):
            raise Malformed(f"`{name}` is missing or not a text")
    return _document(read)


def _document(read: dict[str, Any]) -> Document:
    known = {name: read[name] for name in FIELDS if isinstance(read.get(name), str) and read[name]}
    labels = read.get("labels") or []
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise Malformed("`labels` is not a list of texts")
    if "id" not in known:
        raise Malformed("`id` is empty")
    body = read["body"].replace("\x00", "")
    if not body.strip():
        raise Malformed("the document is empty")
    return Document(**{"title": known["id"], **known, "body": body, "labels": labels})


def _render(node: Tag) -> str:
    parts: list[str] = []
    for child in node.children:
        if isinstance(child, Tag):
            parts.append(_render_tag(child))
        elif type(child) is NavigableString:  # comments and doctypes are subclasses
            parts.append(re.sub(r"\s+", " ", child))
    return "".join(parts)


def _render_tag(tag: Tag) -> str:
    if re.fullmatch(r"h[1-6]", tag.name):
        return f"\n\n{'#' * int(tag.name[1])} {tag.get_text(' ', strip=True)}\n\n"
    if tag.name == "pre":
        return f"\n\n```\n{tag.get_text().strip()}\n```\n\n"
    if tag.name == "li":
        return f"\n{_bullet(tag)} {_render(tag).strip()}"
    if tag.name == "tr":
        cells = (cell.get_text(" ", strip=True) for cell in tag.find_all(("td", "th")))
        return f"\n{' | '.join(cells)}"
    if tag.name == "br":
        return "\n"
    inner = _render(tag)
    return f"\n\n{inner.strip()}\n\n" if tag.name in _BLOCKS else inner


def _bullet(item: Tag) -> str:
    if item.parent is None or item.parent.name != "ol":
        return "-"
    return f"{len(item.find_previous_siblings('li')) + 1}."
