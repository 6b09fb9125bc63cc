"""One ticket per group, from the first alert until nothing of the group fires any more."""

import asyncio
from datetime import UTC, datetime
from typing import Literal
from weakref import WeakValueDictionary

from pydantic import BaseModel

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import digest
from mendwheel.domain.outcome import FactKind, OutcomeFact
from mendwheel.integrations.alerts import group as groups
from mendwheel.integrations.alerts.payload import Alert, AlertGroup
from mendwheel.integrations.alerts.told import Memory, Told
from mendwheel.integrations.drafts import clean
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.reach import TicketClosed, TicketNotFound


class Taken(BaseModel):
    """What became of a delivery."""

    tickets: list[str]
    became: Literal["ticket", "informed", "nothing"]
    why: str = ""


class AlertDesk:
    """Opens tickets and tells them the news."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._memory = Memory(edge.stores)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, group: AlertGroup) -> Taken:
        """Hand `group` over; the same again changes nothing.

        Raises:
            TemporalUnreachable, StoreUnavailable: send it again.
        """
        # Two deliveries of a group at once would both find that it has no ticket yet.
        turn = self._turns.setdefault(group.group_key, asyncio.Lock())
        async with turn:
            told = await asyncio.to_thread(self._memory.recall, group.group_key)
            taken = await self._hand_over(group, told)
            if taken.became != "nothing":
                [ticket] = taken.tickets
                await asyncio.to_thread(
                    self._memory.keep, group.group_key, told.after(group, ticket)
                )
            return taken

    async def _hand_over(self, group: AlertGroup, told: Told) -> Taken:
        new, over = told.new(group), told.over(group)
        if not told.fires:
            return await self._open(group, told) if new else _nothing(told, "nothing fires")
        if new:
            return await self._tell(group, told, new, over)
        if over:
            return await self._recovered(group, told, over)
        return _nothing(told, "known already")

    async def _open(self, group: AlertGroup, told: Told) -> Taken:
        draft = groups.to_draft(group, self._edge.settings.alerts_show_in)
        try:
            submitted = await self._edge.intake.submit(draft)
        except TicketClosed as closed:
            return Taken(tickets=[closed.ticket], became="nothing", why="closed already")
        if submitted.ticket_id == told.ticket:  # resolved, and then it went on as if it were not
            return await self._tell(group, told, told.new(group), [])
        return Taken(tickets=[submitted.ticket_id], became="ticket")

    async def _tell(
        self, group: AlertGroup, told: Told, new: list[Alert], over: list[Alert]
    ) -> Taken:
        """More fires than the ticket knows; one that has ended leaves them to another."""
        said = groups.news(new, over, group)
        delivery = _id(told, "firing", [alert.id for alert in new])
        try:
            await self._edge.intake.inform(told.ticket, groups.REPORTER, said, delivery)
        except TicketNotFound:
            left = group.model_copy(update={"alerts": new})
            return await self._open(left, Told())
        return Taken(tickets=[told.ticket], became="informed")

    async def _recovered(self, group: AlertGroup, told: Told, over: list[Alert]) -> Taken:
        """Before anything was done it is news to think about, afterwards it is a good sign."""
        said = groups.news([], over, group)
        detail = await asyncio.to_thread(self._keep, told.ticket, clean(said))
        fact = OutcomeFact(
            id=_id(told, "resolved", [[alert.id, str(alert.ends_at)] for alert in over]),
            kind=FactKind.RECOVERED,
            who=groups.REPORTER,
            at=max((alert.ends_at for alert in over if alert.ends_at), default=datetime.now(UTC)),
            detail=detail,
        )
        try:
            await self._edge.intake.observe(told.ticket, fact)
        except TicketNotFound:
            return _nothing(told, "nothing runs")
        return Taken(tickets=[told.ticket], became="informed")

    def _keep(self, ticket: str, text: str) -> ArtifactRef:
        """With the ticket's other texts: `alerts_show_in` may lead to a tenant of its own."""
        stores = self._edge.stores
        case = stores.cases.get(ticket)
        tenant = case.tenant if case else self._edge.settings.tenant
        return stores.artifacts.put(tenant, text, ticket)


def _nothing(told: Told, why: str) -> Taken:
    return Taken(tickets=[told.ticket] if told.ticket else [], became="nothing", why=why)


def _id(told: Told, what: str, alerts: list[str] | list[list[str]]) -> str:
    """The same until the news is known to be told: a delivery that comes again counts once."""
    return f"alert-{digest([told.ticket, what, told.times, sorted(alerts)])[:32]}"
