"""An entry in a card's thread as Slack blocks. It has no buttons: those stand on the card."""

from mendwheel.domain.card import Message, MessageKind
from mendwheel.integrations.slack.blocks import Block, context, flow, section, weight
from mendwheel.integrations.slack.card import thumbs_for
from mendwheel.integrations.slack.escape import plain
from mendwheel.integrations.slack.limits import MESSAGE, TEXT, blank, clip
from mendwheel.integrations.slack.mrkdwn import parts, unread
from mendwheel.integrations.slack.people import person

_ASKING = (MessageKind.ASKED, MessageKind.REMINDER, MessageKind.ESCALATED)
_CALLED = 50
"""Subjects that one message calls, at most."""


def message_blocks(message: Message, room: int = MESSAGE) -> list[Block]:
    """Whom it calls, the text as far as it fits into `room`, and how much does not."""
    head = section(_calls(message))
    foot = thumbs_for(message.ticket_id) if message.feedback else []
    if message.kind in _ASKING and message.approval is not None:
        foot = [*context(["Decide with the buttons on the card above, or by its code."]), *foot]
    texts = parts(message.text) or ["(nothing to show)"]
    rest = f"`mendwheel show {plain(message.ticket_id)[:200]}`"
    free = room - weight(head) - weight(foot)
    return [*head, *flow(texts, free, rest, unread(message.text)), *foot]


def message_text(message: Message) -> str:
    """What notifications and screen readers get; never empty, below 4,000 characters."""
    calls = _calls(message)
    shown = clip(plain(message.text), TEXT - len(calls) - 1)
    return f"{calls} {message.kind.value if blank(shown) else shown}".strip()


def _calls(message: Message) -> str:
    called = list(dict.fromkeys(message.mention))
    shown = " ".join(clip(person(subject), 60) for subject in called[:_CALLED])
    return "" if blank(shown) else shown
