"""Block Kit blocks that are within Slack's limits whatever is put into them. Texts are mrkdwn."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from mendwheel.integrations.slack.escape import escape
from mendwheel.integrations.slack.limits import (
    BUTTON,
    CONFIRM_BUTTON,
    CONFIRM_TEXT,
    CONFIRM_TITLE,
    ELEMENTS,
    FENCE,
    HEADER,
    SECTION,
    VALUE,
    blank,
    clip,
    cut,
    size,
)

Block = dict[str, Any]

FRAME = 80
"""Characters of JSON around the text of a section, at most."""

_NOTE = 400
"""Characters kept free for saying what is left out."""


def weight(blocks: Sequence[Block]) -> int:
    """Characters of `blocks` as JSON, as Slack counts them against a message."""
    written = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return len(written) + sum(char > "\uffff" for char in written)


def header(text: str) -> Block:
    """`text` is not mrkdwn: anything; a blank one is named so."""
    shown = escape(" ".join(text.split()))
    return {"type": "header", "text": _plain_text("(no title)" if blank(shown) else shown, HEADER)}


def section(mrkdwn: str) -> list[Block]:
    """No block for a blank text, which Slack refuses."""
    return [] if blank(mrkdwn) else [{"type": "section", "text": _text(mrkdwn, SECTION)}]


def context(texts: Iterable[str], limit: int = 300) -> list[Block]:
    """Small print; at most ten texts of at most `limit` each."""
    shown = [_text(text, limit) for text in texts if not blank(text)][:ELEMENTS]
    return [{"type": "context", "elements": shown}] if shown else []


def button(label: str, action: str, value: str, **more: Any) -> Block:
    """`more`: style (primary, danger), confirm."""
    text = _plain_text(label, BUTTON)
    return {"type": "button", "text": text, "action_id": action, "value": value, **more}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """The dialog before a button does something."""
    return {
        "title": _plain_text(title, CONFIRM_TITLE),
        "text": _plain_text(text, CONFIRM_TEXT),
        "confirm": _plain_text(yes, CONFIRM_BUTTON),
        "deny": _plain_text(no, CONFIRM_BUTTON),
    }


def actions(buttons: list[Block]) -> list[Block]:
    """Buttons whose value Slack would not carry whole are left out: they could not be answered."""
    usable = [each for each in buttons if 0 < size(each["value"]) <= VALUE]
    return [{"type": "actions", "elements": usable}] if usable else []


def thumbs(action: str, up: str, down: str) -> list[Block]:
    """Two feedback buttons with their values."""
    if not 0 < max(size(up), size(down)) <= VALUE:
        return []
    element = {
        "type": "feedback_buttons",
        "action_id": action,
        "positive_button": {"text": _plain_text("👍 Helpful", BUTTON), "value": up},
        "negative_button": {"text": _plain_text("👎 Not helpful", BUTTON), "value": down},
    }
    return [{"type": "context_actions", "elements": [element]}]


def flow(texts: Sequence[str], room: int, rest: str, beyond: int = 0) -> list[Block]:
    """Sections for `texts` (each at most 3000) as far as `room` goes; then how much is missing.

    `rest` says where all of it stands; it is mrkdwn. `beyond`: characters that are missing already.
    """
    blocks: list[Block] = []
    for number, text in enumerate(texts):
        free = room - weight(blocks) - FRAME
        last = number == len(texts) - 1 and not beyond
        if size(text) <= min(SECTION, free - (0 if last else _NOTE)):
            blocks += section(text)
            continue
        head, left = cut(text, max(0, min(SECTION, free - _NOTE - len(FENCE) - 1)))
        missing = beyond + sum(map(_length, [left, *texts[number + 1 :]]))
        return [*blocks, *section(closed(head)), *_missing(f"{missing:,} characters", rest)]
    return [*blocks, *(_missing(f"{beyond:,} characters", rest) if beyond else [])]


def listing(title: str, lines: Sequence[str], room: int, rest: str) -> list[Block]:
    """One section: `lines` below `title`, as far as `room` goes; then how many are missing."""
    limit, text = min(SECTION, room - FRAME) - _NOTE, title
    for number, line in enumerate(lines):
        if size(text) + 1 + size(line) > limit:
            left = f"{len(lines) - number} more"
            return [*(section(text) if number else []), *_missing(left, rest)]
        text += f"\n{line}"
    return section(text) if lines else []


def closed(mrkdwn: str) -> str:
    """`mrkdwn`, with a fence that was cut open closed again."""
    return f"{mrkdwn}\n{FENCE}" if mrkdwn.count(FENCE) % 2 else mrkdwn


def _length(mrkdwn: str) -> int:
    return len(mrkdwn.replace(f"{FENCE}\n", "").replace(f"\n{FENCE}", ""))


def _missing(what: str, rest: str) -> list[Block]:
    return context([f"… {what} not shown here: {rest}"], limit=_NOTE - FRAME - 20)


def _text(mrkdwn: str, limit: int) -> Block:
    if size(mrkdwn) > limit:
        mrkdwn = closed(clip(mrkdwn, limit - len(FENCE) - 1))
    # verbatim: Slack makes no links or mentions of its own from what it finds in the text
    return {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}


def _plain_text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clip(text, limit), "emoji": False}
