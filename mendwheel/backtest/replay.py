"""Past issues in the order in which they came in; the store knows what was known by then.

One at a time: an issue that is worked on ahead of its turn would find what was learned later.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from temporalio.client import Client

from mendwheel.backtest.dated import Dated
from mendwheel.backtest.past import PastIssue
from mendwheel.batch.resolver import Resolver
from mendwheel.batch.rows import Row
from mendwheel.batch.tickets import SYSTEM, BatchTicket
from mendwheel.domain.knowledge import Case, Document
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


@dataclass(frozen=True)
class Past:
    """Everything that becomes known in the course of a backtest."""

    issues: Mapping[str, PastIssue]
    documents: Dated = field(default_factory=Dated)
    cases: Sequence[Case] = ()
    every_document: bool = False
    """Let each issue see all documents, also those that are younger than it."""


class Replay:
    """Submits each issue to a store that has been brought to the issue's time."""

    def __init__(self, client: Client, stores: Stores, settings: Settings, past: Past) -> None:
        self._resolver = Resolver(client, stores, settings, recall=True)
        self._stores = stores
        self._tenant = settings.tenant
        self._past = past
        self._documents = 0
        self._remembered: set[str] = set()

    async def resolve(self, ticket: BatchTicket) -> Row:
        """Raises what `Resolver.resolve` does."""
        issue = self._past.issues[ticket.id]
        await asyncio.to_thread(self._wind_to, issue)
        return await self._resolver.resolve(ticket)

    def _wind_to(self, issue: PastIssue) -> None:
        """Add what became known before `issue`; what is there already is left as it is."""
        moment = issue.created
        self._add_documents(moment)
        learned = [each for each in self._past.cases if _closed_before(each, moment)]
        every = self._past.issues.values()
        ended = [each for each in every if each.ended_before(moment) and each.id != issue.id]
        for case in [*learned, *(each.case(self._tenant, SYSTEM) for each in ended)]:
            if case.ticket_id not in self._remembered:
                self._stores.cases.save(case)
                self._remembered.add(case.ticket_id)

    def _add_documents(self, moment: datetime) -> None:
        dated = self._past.documents
        if self._past.every_document:
            if not self._documents:
                self._learn(dated.every())
                self._documents = len(dated.every())
            return
        known = sum(at < moment for at, _ in dated.documents)
        if known > self._documents:
            new = [each for _, each in dated.documents[self._documents : known]]
            self._learn(new)
            self._documents = known

    def _learn(self, documents: Sequence[Document]) -> None:
        self._stores.knowledge.add(self._tenant, documents)
        self._stores.knowledge.embed(self._tenant)


def _closed_before(case: Case, moment: datetime) -> bool:
    return case.closed_at is not None and case.closed_at < moment


def learned_cases(stores: Stores, tenant: str, issues: Mapping[str, PastIssue]) -> list[Case]:
    """Cases of the live store that people resolved; never one of the issues themselves.

    `head` is there for tickets that the suite worked on: its own answers are no measure for it.
    """
    every = stores.cases.list(tenant, limit=100_000)
    own = tuple(f"-{issue_id.casefold()}" for issue_id in issues)
    return [
        each
        for each in every
        if each.head is None
        and each.closed_at is not None
        and not each.ticket_id.casefold().endswith(own)
    ]
