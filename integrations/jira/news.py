"""Hands on what people said and did about an issue whose ticket has begun."""

import asyncio

from mendwheel.domain.outcome import FactKind, Outcome, OutcomeFact
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.drafts import clean
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.jira import commands, facts
from mendwheel.integrations.jira.drafting import ANYBODY
from mendwheel.integrations.jira.facts import Deed
from mendwheel.integrations.jira.issue import Comment, Issue, Person
from mendwheel.integrations.jira.memory import Heard, Memory
from mendwheel.integrations.jira.orders import Orders
from mendwheel.integrations.jira.pending import in_order, settled, words
from mendwheel.integrations.reach import TicketNotFound
from mendwheel.integrations.thanks import thanks
from mendwheel.security.redaction import redact

_ENDING = (Phase.WRITE_BACK, Phase.RECORD, Phase.WATCH, Phase.CLOSED)


class News:
    """Comments, commands and deeds, each once."""

    def __init__(self, edge: Edge, memory: Memory, orders: Orders) -> None:
        self._edge = edge
        self._memory = memory
        self._orders = orders

    async def take(self, issue: Issue, us: Person, ticket: str, heard: Heard) -> list[str]:
        """What was done, a word for each. Raises as `JiraInbox.take` does."""
        deeds = await self._deeds(issue, us, ticket, heard)
        did: list[str] = []
        for item in in_order(deeds, words(issue, us, heard.comments)):
            if isinstance(item, Deed):
                did += await self._deed(ticket, item)
            else:
                did += await self._comment(ticket, issue, item, deeds)
        await asyncio.to_thread(self._remember, issue, us, ticket)
        return did

    async def _deeds(self, issue: Issue, us: Person, ticket: str, heard: Heard) -> list[Deed]:
        """All since the ticket began; which ones are news is asked one by one."""
        categories = await asyncio.to_thread(self._memory.categories, issue)
        found = facts.deeds(issue, us, heard.changes, categories)
        for comment in issue.comments:
            before = await asyncio.to_thread(self._memory.said, comment) if comment.marker else None
            edited = facts.edit(comment, us, before)
            found += [edited] if edited else []
        seen = await asyncio.to_thread(self._memory.category, ticket)
        moved = facts.unattributed(issue, seen)
        found += [moved] if moved else []
        return sorted(found, key=lambda deed: deed.at)

    async def _matters(self, ticket: str, deed: Deed) -> bool:
        if not facts.matters(deed, await self._outcome(ticket)):
            return False
        if deed.kind is not FactKind.RESOLVED_BY_HUMAN:
            return True
        try:
            # At the end of our work it is we who move the issue, or a human who was as fast.
            return (await self._edge.reach.status(ticket)).phase not in _ENDING
        except TicketNotFound:
            return False

    async def _deed(self, ticket: str, deed: Deed) -> list[str]:
        if await asyncio.to_thread(self._memory.seen, ticket, deed.id):
            return []
        did = []
        if await self._matters(ticket, deed):
            if deed.kind is FactKind.REOPENED:
                await self._edge.intake.reopen(ticket, deed.who, delivery_id=deed.id)
            else:
                await self._observe(ticket, deed)
            did = [deed.kind.value]
        # What does not matter now is not to matter later, when the ticket stands elsewhere.
        await asyncio.to_thread(self._memory.note, ticket, deed.id)
        return did

    async def _comment(
        self, ticket: str, issue: Issue, comment: Comment, deeds: list[Deed]
    ) -> list[str]:
        command = commands.of(comment)
        what = f"comment-{comment.id}"
        if command:
            what = f"command-{commands.mark(comment, command)}"
        if await asyncio.to_thread(self._memory.seen, ticket, what):
            return []
        did: str | None
        if settled(comment, deeds) and not thanks(comment.text):
            did = None
        elif command:
            did = await self._orders.carry_out(ticket, issue, comment, command)
        elif commands.read(comment.text):
            did = None  # somebody else has put a command into its author's mouth
        else:
            did = await self._said(ticket, comment)
        await asyncio.to_thread(self._memory.note, ticket, what)
        return [did] if did else []

    async def _said(self, ticket: str, comment: Comment) -> str | None:
        """New information, or praise."""
        who, delivery = (comment.author or ANYBODY).subject, f"jira-comment-{comment.id}"
        try:
            if not thanks(comment.text):
                await self._edge.intake.inform(ticket, who, comment.text, delivery)
                return "informed"
            if facts.working(await self._outcome(ticket)):
                return None  # for nothing yet
            kind = FactKind.THUMBS_UP
            fact = OutcomeFact(id=delivery, kind=kind, who=who, at=comment.created)
            await self._edge.intake.observe(ticket, fact)
        except TicketNotFound:
            return None  # closed: who wants more of it reopens the issue
        return FactKind.THUMBS_UP.value

    async def _observe(self, ticket: str, deed: Deed) -> None:
        detail = None
        if deed.detail:
            text = redact(clean(deed.detail))
            tenant = await asyncio.to_thread(self._tenant, ticket)
            detail = await asyncio.to_thread(self._edge.stores.artifacts.put, tenant, text, ticket)
        fact = OutcomeFact(id=deed.id, kind=deed.kind, who=deed.who, at=deed.at, detail=detail)
        try:
            await self._edge.intake.observe(ticket, fact)
        except TicketNotFound:
            return  # it ended without a trace: there is nothing that the fact could be about

    def _remember(self, issue: Issue, us: Person, ticket: str) -> None:
        self._memory.keep_category(ticket, issue.category)
        tenant = self._tenant(ticket)
        for comment in issue.comments:
            if comment.marker and facts.edit(comment, us, None) is None:
                self._memory.keep_said(tenant, ticket, comment)

    def _tenant(self, ticket: str) -> str:
        case = self._edge.stores.cases.get(ticket)
        return case.tenant if case else self._edge.settings.tenant

    async def _outcome(self, ticket: str) -> Outcome | None:
        return await asyncio.to_thread(self._edge.stores.outcomes.latest, ticket)
