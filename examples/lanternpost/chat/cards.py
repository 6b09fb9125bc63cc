"""Cards as people see them: messages of ours in a channel, read through Slack's Web API."""

import asyncio
from collections.abc import Collection
from typing import Any

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.slack import names
from tests.counterparts import SlackCounterpart
from tests.counterparts.people import button

Message = dict[str, Any]

LOOK_EVERY = 0.05
"""Seconds. Each wait is for ever: whoever waits has a time limit."""

_OUTCOMES = [kind.value.replace("_", " ") for kind in OutcomeKind]


class Cards:
    """The cards of one channel."""

    def __init__(self, slack: SlackCounterpart, channel: str) -> None:
        self._slack = slack
        self.channel = channel

    async def all(self) -> dict[str, Message]:
        """Ticket → its card; that of somebody's message hangs in the thread of the message."""
        said = await asyncio.to_thread(self._said)
        return {ticket_of(each): each for each in said if self._is_card(each)}

    async def appeared(self, known: Collection[str]) -> str:
        """The ticket of a card that is not among the `known` ones."""
        while True:
            for ticket in await self.all():
                if ticket not in known:
                    return ticket
            await asyncio.sleep(LOOK_EVERY)

    async def asking(self, ticket: str) -> Message:
        """The card of `ticket`, once it has a button to approve."""
        while True:
            card = (await self.all()).get(ticket)
            if card is not None and _asks(card):
                return card
            await asyncio.sleep(LOOK_EVERY)

    async def final(self) -> None:
        """Until each card says how its ticket ended."""
        while True:
            if all(_outcome(card) for card in (await self.all()).values()):
                return
            await asyncio.sleep(LOOK_EVERY)

    def _said(self) -> list[Message]:
        """Cards, what people wrote, and what hangs on the latter."""
        roots = self._slack.history(self.channel)
        theirs = [each for each in roots if each["user"] != self._slack.bot_user_id]
        return roots + [
            reply for each in theirs for reply in self._slack.replies(self.channel, each["ts"])
        ]

    def _is_card(self, message: Message) -> bool:
        """A message in a thread is ours too; a card alone bears its title as a header."""
        blocks = message.get("blocks") or [{}]
        return message["user"] == self._slack.bot_user_id and blocks[0].get("type") == "header"


def ticket_of(card: Message) -> str:
    """What a screen reader reads last."""
    return str(card["text"]).splitlines()[-1]


def _outcome(card: Message) -> str:
    """How the ticket ended, or empty: the fallback text begins `TITLE: HEADLINE`."""
    first = str(card["text"]).splitlines()[0]
    return next((kind for kind in _OUTCOMES if f": {kind}" in first), "")


def _asks(card: Message) -> bool:
    try:
        button(card, names.APPROVE)
    except LookupError:
        return False
    return True
