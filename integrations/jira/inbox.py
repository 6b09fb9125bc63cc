"""Jira's news on its way to tickets: the issue is read again, and what it says is handed on.

A hint says where to look and nothing else, so it does not matter how often it comes, how late, or
in what order. Everything handed on bears an id of Jira's, so that a look which was cut off is
taken again as a whole.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from mendwheel.domain.hint import Hint, Polled, Taken
from mendwheel.domain.ids import EffectKey
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.jira.account import Account
from mendwheel.integrations.jira.drafting import SYSTEM, draft
from mendwheel.integrations.jira.events import AUTOMATION, CREATED
from mendwheel.integrations.jira.facts import DONE
from mendwheel.integrations.jira.issue import Issue, Person
from mendwheel.integrations.jira.memory import Heard, Memory
from mendwheel.integrations.jira.news import News
from mendwheel.integrations.jira.once import once
from mendwheel.integrations.jira.orders import NO_ROUND, Orders
from mendwheel.integrations.jira.poll import POLL, POLL_CREATED, Poll
from mendwheel.integrations.jira.source import Source
from mendwheel.integrations.reach import TemporalUnreachable, TicketClosed, TicketNotFound
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Board
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

YOUNG = timedelta(days=1)
"""An issue created so lately becomes a ticket by any news: `created` may be lost, or come last."""

_STARTS = (CREATED, AUTOMATION, POLL_CREATED)
_GONE = ("404", "410")

_MENDED_BY_PEOPLE = ("401", "moved", "tls", "unreadable", "url")
"""A token that has expired, a wrong address: the news waits until somebody has mended it."""

_UNTIL_MENDED = 60.0  # seconds between attempts

NOTHING = "nothing: "

Tell = Callable[[Hint, str], Awaitable[None]]
"""Tells whoever asked for an issue, where they asked, why it is not worked on."""

_log = logging.getLogger(__name__)


class JiraInbox:
    """`ports.Inbox` of Jira.

    `board` writes replies to commands that do not count; by default the one of the settings.
    """

    def __init__(
        self,
        edge: Edge,
        jira: Source,
        settings: Settings,
        board: Board | None = None,
        tell: Tell | None = None,
    ) -> None:
        self._edge = edge
        self._jira = jira
        self._settings = settings
        self._account = Account(edge.stores.cursors, settings)
        self._memory = Memory(edge.stores, settings)
        self._poll = Poll(jira, edge.stores.deliveries, settings)
        self._board = board or _board(settings)
        self._tell = tell
        orders = Orders(edge, LivePolicy(settings.policy), self._board)
        self._news = News(edge, self._memory, orders)

    def close(self) -> None:
        """Let go of connections; the board's client is ours too, where they share one."""
        self._board.close()

    async def poll(self, cursor: str) -> Polled:
        """Issues that changed since `cursor`, a page of them. Raises PlaceError."""
        return await asyncio.to_thread(self._poll.look, cursor, datetime.now(UTC))

    async def take(self, hint: Hint) -> Taken:
        """Read the issue again and hand on what is new.

        Raises:
            PlaceError: Jira cannot be read, a reply not be written, or Temporal not be reached.
            EffectHeld: another worker is at the same issue.
            StoreUnavailable
        """
        try:
            taken = await self._look(hint)
        except TemporalUnreachable as error:
            # However long it takes: a hint that is given up is news that nobody hears.
            raise PlaceError("temporal", "unreachable", str(error), retryable=True) from error
        if hint.event in (POLL, POLL_CREATED):
            await asyncio.to_thread(self._poll.taken, hint)
        if hint.who and self._tell is not None and taken.became.startswith(NOTHING):
            await self._tell(hint, taken.became.removeprefix(NOTHING))
        return taken

    async def _look(self, hint: Hint) -> Taken:
        try:
            issue, us = await asyncio.to_thread(self._read, hint.key)
        except PlaceError as error:
            if error.kind in _MENDED_BY_PEOPLE:
                raise PlaceError(
                    error.where, error.kind, str(error), retryable=True, retry_after=_UNTIL_MENDED
                ) from error
            if error.kind not in _GONE:
                raise
            _log.warning("a hint leads nowhere: %s", error)
            return Taken(became="nothing: the issue is gone or hidden")
        projects = self._settings.jira_projects
        if projects and issue.project not in projects:
            return Taken(became="nothing: not in a project that is followed")
        return await self._take(hint, issue, us)

    def _read(self, key: str) -> tuple[Issue, Person]:
        us = self._jira.myself()
        self._account.keep(us)
        return self._jira.read(key), us

    async def _take(self, hint: Hint, issue: Issue, us: Person) -> Taken:
        ticket = await asyncio.to_thread(self._memory.ticket, issue)
        heard = await asyncio.to_thread(self._memory.heard, issue, ticket)
        if heard is None:
            why = _unwanted(hint, issue, datetime.now(UTC))
            if why:
                return Taken(became=f"nothing: {why}")
            if await self._begin(hint, issue, us, ticket):
                return Taken(became="ticket", tickets=[ticket])
            heard = await asyncio.to_thread(self._memory.heard, issue, ticket) or Heard()
        elif hint.place:
            await self._join(hint, issue, us, ticket)
        try:
            did = await self._news.take(issue, us, ticket, heard)
        except TicketNotFound:
            return await self._anew(hint, issue, us, ticket)
        return Taken(became=", ".join(did) or "nothing new", tickets=[ticket])

    async def _anew(self, hint: Hint, issue: Issue, us: Person, ticket: str) -> Taken:
        """Its ticket was forgotten, and somebody has reopened the issue: all it says is new."""
        try:
            await self._submit(hint, issue, us)
        except TicketClosed as error:  # Temporal is still deleting what was forgotten
            raise PlaceError("temporal", "deleting", str(error), retryable=True) from error
        await asyncio.to_thread(self._memory.begin, issue, ticket)
        return Taken(became="ticket", tickets=[ticket])

    async def _begin(self, hint: Hint, issue: Issue, us: Person, ticket: str) -> bool:
        """Start the ticket; False when it was there. Raises EffectHeld: another one is at it."""

        async def act(again: bool) -> str:
            did = "joined"  # what was heard then was written down before the start
            if not (again and await self._exists(ticket)):
                did = await self._start(hint, issue, us, ticket)
            await asyncio.to_thread(self._memory.started, ticket)
            return did

        target = f"{SYSTEM}:{issue.key}"
        key = EffectKey(ticket_id=ticket, round=NO_ROUND, step="start", target=target)
        return await once(self._edge.stores.ledger, key, act) == "started"

    async def _start(self, hint: Hint, issue: Issue, us: Person, ticket: str) -> str:
        await asyncio.to_thread(self._memory.begin, issue, ticket)
        try:
            await self._submit(hint, issue, us)
        except TicketClosed:
            return "closed"
        return "started"

    async def _exists(self, ticket: str) -> bool:
        try:
            await self._edge.reach.status(ticket)
        except TicketNotFound:
            return False
        return True

    async def _submit(self, hint: Hint, issue: Issue, us: Person) -> None:
        rule = self._settings.rule(f"{SYSTEM}:{issue.key}")
        await self._edge.intake.submit(draft(issue, hint, rule, us))

    async def _join(self, hint: Hint, issue: Issue, us: Person, ticket: str) -> None:
        """A further place wants to follow; asked for by a person, a closed ticket begins anew."""
        what = f"join-{hint.delivery_id}"
        if await asyncio.to_thread(self._memory.seen, ticket, what):
            return
        try:
            await self._submit(hint, issue, us)
        except TicketClosed:
            if hint.who and not _done(issue):
                await self._edge.intake.reopen(ticket, hint.who, delivery_id=what)
        await asyncio.to_thread(self._memory.note, ticket, what)


def _unwanted(hint: Hint, issue: Issue, now: datetime) -> str:
    """Why an issue without a ticket gets none; empty when it gets one."""
    if _done(issue):
        return "it is resolved"
    asked = hint.event in _STARTS or hint.place or hint.who
    return "" if asked or now - issue.created < YOUNG else "it is older than we are asked for"


def _done(issue: Issue) -> bool:
    return issue.category == DONE or (not issue.category and issue.resolved is not None)


def _board(settings: Settings) -> Board:
    from mendwheel.integrations.jira.tracker import JiraBoard

    return JiraBoard(settings)
