"""What people decide on: the remedy with its exact arguments, and the buttons."""

import json
from typing import Any

from mendwheel.domain.approval import Approval
from mendwheel.domain.card import Card, CardRemedy
from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.blocks import (
    Block,
    actions,
    button,
    confirm,
    flow,
    section,
    weight,
)
from mendwheel.integrations.slack.escape import bold, entities, inline_code, plain
from mendwheel.integrations.slack.limits import MESSAGE, SECTION, clip, cut_code
from mendwheel.integrations.slack.people import person
from mendwheel.integrations.visible import visible

LONGEST_ID = 255
"""Characters of a request or ticket id that a button carries; ours are far shorter."""


def remedy_blocks(remedy: CardRemedy, room: int, rest: str) -> list[Block]:
    """Tool, risk, expected effect, then the arguments exactly, as far as there is room."""
    lines = [
        f"*Remedy* {inline_code(remedy.tool, 200)} · risk {remedy.risk.value}"
        f" · {clip(plain(remedy.standing), 300)}",
        clip(plain(remedy.expected), 600),
    ]
    head = section("\n".join(filter(None, lines)))
    if not remedy.arguments:
        return [*head, *section("No arguments.")]
    texts, beyond = _fenced(remedy.arguments)
    return [*head, *flow(texts, room - weight(head), rest, beyond)]


def all_shown(remedy: CardRemedy | None, blocks: list[Block]) -> bool:
    """Whether `blocks` hold every argument of `remedy`."""
    if remedy is None or not remedy.arguments:
        return True
    shown = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    texts, beyond = _fenced(remedy.arguments)
    return not beyond and all(text in shown for text in texts)


def question_blocks(asked: Approval) -> list[Block]:
    """What is asked of whom, until when, and the code for those who answer by text."""
    until = int(asked.expires_at.timestamp())
    clock = f"{asked.expires_at:%Y-%m-%d %H:%M} UTC"
    who = clip(", ".join(map(person, asked.approvers)), 600) or "nobody"
    need = f"{asked.needed} of " if asked.needed > 1 else ""
    return section(
        f"{bold(asked.question, 900)}\n"
        f"May decide: {need}{who} · code {inline_code(asked.code, 60)}\n"
        f"Without an answer by <!date^{until}^{{date_short_pretty}} {{time}}|{clock}>"
        " nothing is done."
    )


def decision_buttons(card: Card, *, whole: bool) -> list[Block]:
    """Buttons while something waits; `whole`: all arguments are in sight."""
    asked = card.approval
    if asked is None or card.final:
        return []
    if max(len(asked.request_id), len(card.ticket_id)) > LONGEST_ID:
        return []
    request = asked.request_id
    return actions(
        [
            button("Approve", names.APPROVE, request, style="primary", confirm=_sure(asked, whole)),
            button("Reject", names.REJECT, request, style="danger"),
            button("Edit arguments", names.EDIT, request),
            button("Ask for more", names.MORE, request),
            button("Take over", names.TAKE_OVER, card.ticket_id),
        ]
    )


def _sure(asked: Approval, whole: bool) -> Block:
    shown = "exactly the arguments shown" if whole else "arguments of which the card shows a part"
    tool = clip(plain(asked.tool), 120)
    return confirm(f"Run {clip(tool, 80)}?", f"{tool} runs with {shown}.", "Approve", "Not yet")


def _fenced(arguments: dict[str, Any]) -> tuple[list[str], int]:
    """`arguments` as JSON in code blocks, each for one section; how much no message could hold."""
    written = json.dumps(arguments, ensure_ascii=False, indent=2, default=str)
    rest, blocks = entities(exact(written[:MESSAGE])), []
    while rest:
        block, rest = cut_code(rest, SECTION)
        blocks.append(block)
    return blocks, max(0, len(written) - MESSAGE)


def exact(written: str) -> str:
    """JSON that means the same, in which everything is visible and nothing ends a code block."""
    return visible(written.replace("```", "\\u0060\\u0060\\u0060"))
