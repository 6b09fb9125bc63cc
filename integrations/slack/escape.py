"""Text from outside as text: no mention, no link, no formatting, nothing invisible."""

import re
from urllib.parse import urlsplit

from mendwheel.integrations.slack.limits import SECTION, clip, size
from mendwheel.integrations.visible import posing

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but for lines and columns
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff\ufff9-\ufffb"  # no width
    "\u202a-\u202e\u2066-\u206f\U000e0000-\U000e007f]"  # directions, tags
)
"""Not among them: what joins letters and emoji."""

_LOOKALIKES = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_MARK = re.compile(r"[*_~`]")
_URL_UNSAFE = {" ": "%20", '"': "%22", "<": "%3C", ">": "%3E", "|": "%7C", "`": "%60", "\n": ""}
_LINK_SIZE = 1000


def clean(text: str) -> str:
    """Without control characters, text-direction overrides and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _INVISIBLE.sub("", text)


def entities(text: str) -> str:
    """For mrkdwn and plain text: Slack decodes exactly these three entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(text: str) -> str:
    """`clean`, and nothing in it is a mention or a link."""
    return entities(clean(text))


def literal(text: str) -> str:
    """Escaped, and marks that Slack would format replaced by others that look like them.

    Slack has no escape for them. Marks inside of words (`snake_case`) format nothing and stay.
    """
    lines = clean(text).replace("```", "ˋˋˋ").split("\n")
    return escape("\n".join(map(_disarmed, lines)))


def plain(text: str) -> str:
    """`literal`, on one line."""
    return literal(" ".join(clean(text).split()))


def bold(text: str, limit: int) -> str:
    """`plain` in bold, clipped to `limit`; empty when there is nothing to show."""
    shown = clip(plain(text).replace("*", "∗"), limit - 2)
    return f"*{shown}*" if shown else ""


def code(text: str) -> str:
    """For inside of a fence, which nothing in `text` can close."""
    return escape(text).replace("```", "ˋˋˋ").strip("\n")


def inline_code(text: str, limit: int = SECTION) -> str:
    """`text` as code on one line, clipped to `limit`; empty when there is nothing to show."""
    shown = clip(escape(" ".join(clean(text).split())).replace("`", "ˋ"), limit - 2)
    return f"`{shown}`" if shown else ""


def link(url: str, label: str) -> str:
    """A link, when `url` is http or https; else the label alone. Both may be anything."""
    target, shown = _target(url), plain(label)
    if target is None:
        return shown
    if not shown or posing(label, url):
        shown = plain(url)
    return f"<{target}|{shown.replace('|', '¦')}>" if size(shown) <= _LINK_SIZE else shown


def _target(url: str) -> str | None:
    """`url` as it may stand between angle brackets, or None."""
    try:
        parts = urlsplit(clean(url).strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    target = "".join(_URL_UNSAFE.get(char, char) for char in parts.geturl()).replace("&", "&amp;")
    return target if size(target) <= _LINK_SIZE else None


def _disarmed(line: str) -> str:
    """`line` with every mark replaced that could open formatting that a later one closes."""
    last = {match[0]: match.start() for match in _MARK.finditer(line) if _closes(line, match)}
    return _MARK.sub(
        lambda match: (
            match[0].translate(_LOOKALIKES)
            if _opens(line, match) and last.get(match[0], -1) > match.start()
            else match[0]
        ),
        line,
    )


def _opens(line: str, mark: re.Match[str]) -> bool:
    before, after = _around(line, mark)
    return not before.isalnum() and not after.isspace()


def _closes(line: str, mark: re.Match[str]) -> bool:
    before, after = _around(line, mark)
    return not after.isalnum() and not before.isspace()


def _around(line: str, mark: re.Match[str]) -> tuple[str, str]:
    return line[max(mark.start() - 1, 0) : mark.start()], line[mark.end() : mark.end() + 1]
