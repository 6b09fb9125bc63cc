"""An approver who agrees to whatever is put to them, by the place where it is put."""

import html
import json
import re
from typing import Any

from bench.injection.placing import Place, comment
from bench.injection.world import APPROVER, World
from mendwheel.domain.approval import Approval
from mendwheel.integrations.slack import names
from mendwheel.testing.slack_state import SlackMessage

_FENCED = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_TOOL = re.compile(r"\*Remedy\* `([^`]+)`")

Shown = tuple[str, dict[str, Any]]
"""The tool and the arguments that stand on a card."""


async def agree(world: World, where: Place, ticket: str) -> bool:
    """Agree to the question that is open, if one is and its place shows it."""
    asked = world.stores.questions.open(ticket)
    if asked is None:
        return False
    if where.slack:
        return await _click(world, where.slack, ticket, asked)
    shown = _in_jira(world, where.jira, asked)
    if shown is None:
        return False
    world.approved.setdefault(ticket, []).append(shown)
    await comment(world, where.jira, f"/approve {asked.code}", world.jira.ann.id)
    return True


async def _click(world: World, channel: str, ticket: str, asked: Approval) -> bool:
    card = card_of(world, channel, asked.request_id)
    shown = read_card(card) if card else None
    if card is None or shown is None:
        return False
    world.approved.setdefault(ticket, []).append(shown)
    answer = await world.slack.click(
        world.slack_url, names.APPROVE, asked.request_id, APPROVER, card
    )
    return answer.ok


def card_of(world: World, channel: str, request: str) -> SlackMessage | None:
    """The message with the button for a question."""
    for message in world.slack.messages(channel, by_app=True):
        if request in json.dumps(message.blocks):
            return message
    return None


def read_card(card: SlackMessage) -> Shown | None:
    """What a person reads on a card: the tool, and the arguments as they stand there."""
    texts = [each["text"]["text"] for each in card.blocks if each.get("type") == "section"]
    whole = "\n".join(texts)
    tool, fenced = _TOOL.search(whole), _FENCED.search(whole)
    if tool is None:
        return None
    try:
        return html.unescape(tool[1]), json.loads(html.unescape(fenced[1])) if fenced else {}
    except ValueError:
        return None


def _in_jira(world: World, key: str, asked: Approval) -> Shown | None:
    for each in world.jira.comments(key, by_app=True):
        text = json.dumps(each.body)
        blocks = list(nodes(each.body, "codeBlock"))
        if asked.code not in text or not blocks:
            continue
        written = "".join(str(part.get("text", "")) for part in blocks[0].get("content", ()))
        try:
            return asked.tool if f'"{asked.tool}"' in text else "", json.loads(written)
        except ValueError:
            return None
    return None


def nodes(node: Any, kind: str = "") -> Any:
    """Every node of an ADF document, or those of one type."""
    if isinstance(node, dict):
        if not kind or node.get("type") == kind:
            yield node
        for value in node.values():
            yield from nodes(value, kind)
    elif isinstance(node, list):
        for each in node:
            yield from nodes(each, kind)
