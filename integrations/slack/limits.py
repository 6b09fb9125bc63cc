"""How much Slack takes, and mrkdwn cut to it without breaking an entity, a link or a fence."""

import re
import unicodedata

SECTION = 3000
HEADER = 150
BUTTON = 75
VALUE = 2000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
ELEMENTS = 10
"""Texts in one context block."""
BLOCKS = 50
MESSAGE = 12_000
"""Blocks of one message as JSON. Slack writes 12,000; `msg_blocks_too_long` came near 13,200."""
TEXT = 3900
"""Characters of the fallback text; Slack asks for less than 4,000."""

FENCE = "```"

_ATOM = re.compile(r"<[^<>\n]*>|&(?:amp|lt|gt);|.", re.DOTALL)


def size(text: str) -> int:
    """UTF-16 units of `text` written as JSON: never less than Slack counts, however it counts."""
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return units + sum(map(text.count, '"\\\n\t'))


def blank(text: str) -> bool:
    """Whether nothing of `text` can be seen; Slack refuses such blocks."""
    return all(unicodedata.category(char)[0] in "ZCM" for char in text)


def cut(mrkdwn: str, limit: int) -> tuple[str, str]:
    """What fits into `limit`, and the rest: parted at a line's end, else a space, else anywhere.

    An entity or a `<…>` that does not fit goes to the rest whole.
    """
    if size(mrkdwn) <= limit:
        return mrkdwn, ""
    used = end = line = word = 0
    for atom in _ATOM.finditer(mrkdwn):
        used += size(atom[0])
        if used > limit:
            break
        end = atom.end()
        if atom[0] == "\n":
            line = end
        elif atom[0] == " ":
            word = end
    far = end // 2
    end = line if line > far else word if word > far else end
    return mrkdwn[:end].rstrip(), mrkdwn[end:].lstrip("\n")


def clip(mrkdwn: str, limit: int) -> str:
    """`mrkdwn` within `limit`, ending in `…` where something is left out."""
    if size(mrkdwn) <= limit:
        return mrkdwn
    return cut(mrkdwn, limit - 1)[0] + "…"


def fence(code: str) -> str:
    """`code` (escaped, without fences of its own) as a block."""
    return f"{FENCE}\n{code}\n{FENCE}"


def cut_code(code: str, limit: int) -> tuple[str, str]:
    """The fenced part of `code` that fits into `limit`, and the rest, without a fence."""
    head, rest = cut(code, limit - size(fence("")))
    return fence(head), rest
