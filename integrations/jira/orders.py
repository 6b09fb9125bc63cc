"""What a command in a comment sets in motion, and the one polite answer when it does not count."""

import asyncio
from datetime import timedelta

from mendwheel.domain.approval import Approval
from mendwheel.domain.card import Message, MessageKind
from mendwheel.domain.ids import EffectKey, digest
from mendwheel.effects.perform import perform
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.jira.commands import Command, Verb, mark
from mendwheel.integrations.jira.drafting import ANYBODY, SYSTEM
from mendwheel.integrations.jira.issue import Comment, Issue
from mendwheel.integrations.jira.once import once
from mendwheel.integrations.reach import DecisionRefused, TicketNotFound
from mendwheel.integrations.refused import DECISION, STOP, write_down
from mendwheel.integrations.standing import standing
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Board

NO_ROUND = 0
"""Of effects that belong to a comment, whatever round the ticket is in."""

LATE = timedelta(minutes=1)
"""How much earlier than the question a no may be: Jira's clock and ours differ."""

NOTHING_RUNS = "no ticket is being worked on here"


class Orders:
    """Carries commands out, each once, one worker at a time."""

    def __init__(self, edge: Edge, policy: LivePolicy, board: Board) -> None:
        self._edge = edge
        self._policy = policy
        self._board = board

    async def carry_out(
        self, ticket: str, issue: Issue, comment: Comment, command: Command
    ) -> str | None:
        """What came of it, in a word; None when that was done before.

        Raises PlaceError, EffectHeld, TemporalUnreachable, StoreUnavailable.
        """
        key = _key(ticket, issue, f"command-{mark(comment, command)}")

        async def act(again: bool) -> str:
            refusal = await self._refusal(ticket, issue, comment, command)
            if refusal is None:
                return command.verb.value
            await asyncio.to_thread(self._reply, ticket, issue, comment, command, refusal)
            return f"{command.verb.value} refused"

        return await once(self._edge.stores.ledger, key, act)

    async def _refusal(
        self, ticket: str, issue: Issue, comment: Comment, command: Command
    ) -> str | None:
        """Why the command does not count; None: it does, and has been handed on."""
        who = (comment.author or ANYBODY).subject
        try:
            if command.verb is Verb.STOP:
                return await self._stop(ticket, issue, comment, who)
            if command.verb is Verb.MORE:
                text = command.rest or "Please look further."
                await self._edge.intake.inform(ticket, who, text, f"jira-comment-{comment.id}")
                return None
            return await self._decide(ticket, comment, command, who)
        except TicketNotFound:
            return NOTHING_RUNS

    async def _decide(
        self, ticket: str, comment: Comment, command: Command, who: str
    ) -> str | None:
        this = digest([SYSTEM, mark(comment, command)])[:32]
        if await asyncio.to_thread(self._counted, this):
            return None
        asked = await asyncio.to_thread(self._edge.stores.questions.open, ticket)
        objection = _objection(asked, comment, command)
        if objection or asked is None:
            await self._write_down(ticket, DECISION, who, objection or "", this)
            return objection
        # Written down first: when we are cut off, the repetition finds whether it has counted.
        await asyncio.to_thread(self._edge.stores.cursors.set, _asked(this), asked.request_id)
        try:
            await self._edge.decisions.decide(
                ticket,
                command.verb is Verb.APPROVE,
                subject=who,
                note=command.beyond(asked.code),
                channel=SYSTEM,
                request_id=asked.request_id,
                decision_id=this,
            )
        except DecisionRefused as refused:
            return str(refused).removeprefix(f"{ticket}: ")
        return None

    def _counted(self, decision: str) -> bool:
        """Whether an earlier attempt was accepted, although the question is closed by now."""
        request = self._edge.stores.cursors.get(_asked(decision))
        taken = self._edge.stores.questions.decisions(request) if request else []
        return any(each.decision_id == decision and accepted for each, accepted, _ in taken)

    async def _stop(self, ticket: str, issue: Issue, comment: Comment, who: str) -> str | None:
        if not await asyncio.to_thread(self._may_stop, ticket, issue, who):
            why = (
                "only the reporter, the assignee, its approvers and "
                "whom this project hands over to may stop this"
            )
            await self._write_down(ticket, STOP, who, why, "")
            return why
        await self._edge.intake.cancel(ticket, who, f"jira-comment-{comment.id}")
        return None

    async def _write_down(self, ticket: str, what: str, who: str, why: str, decision: str) -> None:
        await write_down(
            *(self._edge.stores, ticket, what),
            subject=who,
            channel=SYSTEM,
            reason=why,
            decision=decision,
        )

    def _may_stop(self, ticket: str, issue: Issue, who: str) -> bool:
        involved = tuple(each.subject for each in (issue.reporter, issue.assignee) if each)
        place = f"{SYSTEM}:{issue.key}"
        policy = self._policy.now()
        return standing(self._edge, policy, ticket, place=place, involved=involved).has(who)

    def _reply(
        self, ticket: str, issue: Issue, comment: Comment, command: Command, why: str
    ) -> None:
        place, key = f"{SYSTEM}:{issue.key}", _key(ticket, issue, f"reply-{comment.id}")
        message = Message(
            kind=MessageKind.REPLY,
            text=f"Sorry, `/{command.verb.value}` does not count: {why}.",
            mention=[(comment.author or ANYBODY).subject],
            ticket_id=ticket,
        )
        perform(
            self._edge.stores.ledger,
            key,
            # Not of the text: a repetition that is refused for another reason is the same reply.
            digest(str(key)),
            find=lambda: self._board.find(place, "", key),
            write=lambda: self._board.say(place, "", message, key),
        )


def _objection(asked: Approval | None, comment: Comment, command: Command) -> str | None:
    """Why this cannot be meant for the open question; None when it can."""
    if asked is None:
        return "nothing waits for a decision here"
    if command.code == asked.code:
        return None
    if command.verb is Verb.APPROVE:
        if not command.code:
            return "write the code of the question behind it"
        return "that is not the code of the question that is open now; please look at it again"
    if any(char.isdigit() for char in command.code):
        return "that is the code of another question than the one that is open now"
    if comment.created + LATE < asked.asked_at:
        return "the question was asked anew since; please look at it again"
    return None


def _key(ticket: str, issue: Issue, step: str) -> EffectKey:
    return EffectKey(ticket_id=ticket, round=NO_ROUND, step=step, target=f"{SYSTEM}:{issue.key}")


def _asked(decision: str) -> str:
    return f"jira-decision-{decision}"
