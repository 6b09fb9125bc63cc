"""Which ticket is meant: by its id or a part of it, by a code, or the latest one here."""

from dataclasses import dataclass

from mendwheel.domain.approval import Approval
from mendwheel.domain.ids import tenant_prefix
from mendwheel.domain.knowledge import Case
from mendwheel.domain.place import SLACK, Place
from mendwheel.integrations.reach import TicketNotFound
from mendwheel.integrations.slack.reading import Where
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

_LOOKED_AT = 300
"""Tickets, newest first, that a part of an id or a code is looked for in."""

_SHORTEST = 4
"""Characters of a part of an id; fewer name too much."""


@dataclass(frozen=True)
class Finder:
    """Synchronous: asks the store. Every method raises TicketNotFound when nothing is meant."""

    stores: Stores
    settings: Settings
    tenant: str

    def here(self, who: Where, *, open_only: bool = False) -> list[Case]:
        """Tickets of this channel; in a direct message, those of the person. Newest first."""
        cases = self._cases(open_only=open_only)
        if who.direct or not who.channel:
            return [case for case in cases if case.reporter == who.subject]
        return [case for case in cases if _in_channel(case, who.channel)]

    def ticket(self, who: Where, ref: str) -> str:
        """Id of the ticket that `ref` names; without one, the latest here, then the person's."""
        if ref:
            return self._visible(who, self._named(ref))
        cases = self.here(who) or [c for c in self._cases() if c.reporter == who.subject]
        if not cases:
            raise TicketNotFound("there is no ticket here yet, and none of yours")
        return cases[0].ticket_id

    def question(self, who: Where, ref: str) -> Approval:
        """The open question that `ref` names; without one, the only one here."""
        if ref:
            return self._question(ref)
        waiting = self.waiting(self.here(who, open_only=True))
        if not waiting:
            raise TicketNotFound("nothing here waits for a decision")
        if len(waiting) > 1:
            codes = ", ".join(f"{asked.code} ({asked.question})" for asked in waiting)
            raise TicketNotFound(
                f"{len(waiting)} questions wait here, name one by its code: {codes}"
            )
        return waiting[0]

    def waiting(self, cases: list[Case]) -> list[Approval]:
        """The open questions of `cases`."""
        asked = (self.stores.questions.open(case.ticket_id) for case in cases)
        return [question for question in asked if question is not None]

    def _question(self, ref: str) -> Approval:
        by_code = [q for q in self.waiting(self._cases(open_only=True)) if q.code == ref.upper()]
        if len(by_code) == 1:
            return by_code[0]
        ticket = self._named(ref)
        asked = self.stores.questions.open(ticket)
        if asked is None:
            raise TicketNotFound(f"nothing waits for a decision on {ticket}")
        return asked

    def _visible(self, who: Where, ticket: str) -> str:
        """Of another tenant only what stands in this channel, or what the person reported."""
        if ticket.startswith(tenant_prefix(self.tenant)):
            return ticket
        here = f"{SLACK}:{who.channel}"
        shown = (key.target.partition("/")[0] for key, _ in self.stores.ledger.entries(ticket))
        case = self.stores.cases.get(ticket)
        if here in shown or (case is not None and case.reporter == who.subject):
            return ticket
        raise TicketNotFound(f"no ticket is named like {ticket} here")

    def _named(self, ref: str) -> str:
        cases = self._cases()
        ids = [case.ticket_id for case in cases]
        whole = [name for name in ids if name == ref or name.endswith(f"-{ref}")]
        if len(whole) == 1:
            return whole[0]
        parts = [name for name in ids if name.startswith(ref) or name.endswith(ref)]
        if len(ref) >= _SHORTEST and len(parts) == 1:
            return parts[0]
        if len(ref) >= _SHORTEST and len(parts) > 1:
            raise TicketNotFound(f"{len(parts)} tickets are named like {ref}: give more of the id")
        by_code = [q for q in self.waiting([c for c in cases if c.open]) if q.code == ref.upper()]
        if len(by_code) == 1:
            return by_code[0].ticket_id
        if ref.startswith("mendwheel-"):
            return ref  # no worker has taken it in yet, or it is older than what is looked at
        raise TicketNotFound(
            f"no ticket is named like {ref}: {self.settings.slack_command} list shows those here; "
            "to report something, write a sentence"
        )

    def _cases(self, *, open_only: bool = False) -> list[Case]:
        return self.stores.cases.list(self.tenant, open_only=open_only, limit=_LOOKED_AT)


def _in_channel(case: Case, channel: str) -> bool:
    if case.head is None or not case.head.place:
        return False
    place = Place.parse(case.head.place)
    return place.system == SLACK and place.address == channel
