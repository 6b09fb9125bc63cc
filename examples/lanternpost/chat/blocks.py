"""Block Kit as HTML, the way a message looks: buttons can be seen and not be pressed."""

from collections.abc import Callable
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from lanternpost.chat.mrkdwn import Names, to_html

Block = dict[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def message(sent: dict[str, Any], names: Names = str) -> str:
    """The blocks of a message, or its text when it has none."""
    blocks = sent.get("blocks")
    if not blocks:
        return f'<div class="section">{to_html(str(sent.get("text", "")), names)}</div>'
    return "".join(block(each, names) for each in blocks)


def block(given: Block, names: Names = str) -> str:
    """One block. A kind that is not drawn here shows the texts in it."""
    return _KINDS.get(str(given.get("type")), _other)(given, names)


def _header(given: Block, names: Names) -> str:
    return f"<h3>{escape(str(given['text']['text']))}</h3>"


def _section(given: Block, names: Names) -> str:
    shown = [_text(given["text"], names)] if given.get("text") else []
    fields = "".join(f"<div>{_text(each, names)}</div>" for each in given.get("fields", ()))
    if fields:
        shown.append(f'<div class="fields">{fields}</div>')
    if given.get("accessory"):
        shown.append(_element(given["accessory"], names))
    return f'<div class="section">{"".join(shown)}</div>'


def _context(given: Block, names: Names) -> str:
    shown = " ".join(_text(each, names) for each in given["elements"])
    return f'<div class="context">{shown}</div>'


def _actions(given: Block, names: Names) -> str:
    shown = "".join(_element(each, names) for each in given["elements"])
    return f'<div class="actions">{shown}</div>'


def _markdown(given: Block, names: Names) -> str:
    return f'<div class="section">{_MARKDOWN.render(str(given["text"]))}</div>'


def _divider(given: Block, names: Names) -> str:
    return "<hr>"


def _other(given: Block, names: Names) -> str:
    shown = " · ".join(escape(text) for text in _texts(given))
    return f'<div class="section">{shown}</div>' if shown else ""


def _element(given: Block, names: Names) -> str:
    if given.get("type") == "feedback_buttons":
        both = (given["positive_button"], given["negative_button"])
        return "".join(_button(each, "") for each in both)
    if given.get("type") == "button":
        return _button(given, str(given.get("style", "")))
    return _other(given, names)


def _button(given: Block, style: str) -> str:
    return f'<button disabled class="{escape(style)}">{escape(str(given["text"]["text"]))}</button>'


def _text(given: Block, names: Names) -> str:
    if given.get("type") == "mrkdwn":
        return to_html(str(given["text"]), names)
    return escape(str(given.get("text", given.get("alt_text", ""))))


def _texts(given: object) -> list[str]:
    """Every text in `given`, in order."""
    if isinstance(given, dict):
        own = [given["text"]] if isinstance(given.get("text"), str) else []
        return own + [text for value in given.values() for text in _texts(value)]
    if isinstance(given, list):
        return [text for value in given for text in _texts(value)]
    return []


_KINDS: dict[str, Callable[[Block, Names], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "context_actions": _actions,
    "markdown": _markdown,
    "divider": _divider,
}
