"""Slack's mrkdwn as HTML. All text is data: what Slack shows as text is escaped."""

import re
from collections.abc import Callable
from html import escape

Names = Callable[[str], str]
"""What to show for an id such as U123 or C123."""

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_TOKEN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?![\w*])"
    r"|(?<!\w)_(?P<italic>\S(?:[^_\n]*\S)?)_(?!\w)"
    r"|(?<![\w~])~(?P<strike>\S(?:[^~\n]*\S)?)~(?![\w~])"
)
_TAGS = {"bold": "strong", "italic": "em", "strike": "s"}


def to_html(text: str, names: Names = str) -> str:
    """Paragraphs, quotes, fences and inline marks."""
    parts = _FENCE.split(text)
    return "".join(
        f"<pre>{plain(part)}</pre>" if number % 2 else _lines(part, names)
        for number, part in enumerate(parts)
    )


def plain(text: str) -> str:
    """Slack writes `&`, `<` and `>` as entities; they mean characters, which are escaped anew."""
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return escape(text)


def _lines(text: str, names: Names) -> str:
    shown = []
    for line in text.strip("\n").split("\n") if text.strip("\n") else []:
        quoted = line.startswith(("&gt;", ">"))
        inner = _inline(line.removeprefix("&gt;").removeprefix(">") if quoted else line, names)
        shown.append(f"<blockquote>{inner}</blockquote>" if quoted else f"{inner}<br>")
    return "".join(shown).removesuffix("<br>")


def _inline(text: str, names: Names) -> str:
    shown, end = [], 0
    for match in _TOKEN.finditer(text):
        shown.append(plain(text[end : match.start()]))
        shown.append(_token(match, names))
        end = match.end()
    return "".join([*shown, plain(text[end:])])


def _token(match: re.Match[str], names: Names) -> str:
    kind, inner = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "code":
        return f"<code>{plain(inner)}</code>"
    if kind == "angle":
        return _angle(inner, names)
    return f"<{_TAGS[kind]}>{_inline(inner, names)}</{_TAGS[kind]}>"


def _angle(inner: str, names: Names) -> str:
    target, _, label = inner.partition("|")
    if target.startswith(("http://", "https://")):
        return f'<a href="{plain(target)}">{plain(label or target)}</a>'
    if target[:1] in "@#":
        return f'<span class="mention">{target[0]}{escape(label or names(target[1:]))}</span>'
    if target.startswith("!"):
        return f'<span class="mention">{plain(label or "@" + target[1:].split("^")[0])}</span>'
    return plain(label or target)
