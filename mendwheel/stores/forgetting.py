"""Makes the store forget a ticket: its key is destroyed, its texts go, bare rows and digests stay.

What stays is what keeps the rest in order: that there was an outcome and of which kind, that an
effect was done, and the audit chain. None of it holds a text or a name of a reporter.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

import sqlite_utils
from pydantic import BaseModel, Field

from mendwheel.domain.evidence import ArtifactRef, Dossier, EvidenceKind
from mendwheel.domain.outcome import Outcome, OutcomeFact
from mendwheel.stores import forgetting_sql as sql
from mendwheel.stores.artifacts import SqliteArtifacts
from mendwheel.stores.audit import SqliteAudit
from mendwheel.stores.clock import utc_now
from mendwheel.stores.store import Store

FORGOTTEN = "forgotten"
"""What stands in a bare outcome instead of its reason."""


class Traces(BaseModel):
    """What the store holds about a ticket."""

    ticket_id: str
    tenant: str = ""
    open: bool = False
    counts: dict[str, int] = Field({}, description="rows that forgetting deletes or strips")
    noted: bool = Field(False, description="it was forgotten before")
    history: bool = Field(False, description="its histories in Temporal are still to be deleted")

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


class Forgetting:
    """Over one `Store`. Methods may raise `StoreUnavailable`."""

    def __init__(
        self,
        store: Store,
        artifacts: SqliteArtifacts,
        audit: SqliteAudit,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._audit = audit
        self._now = now

    def traces(self, ticket: str) -> Traces:
        noted = self._store.rows(sql.NOTED, (ticket,))
        return Traces(
            ticket_id=ticket,
            tenant=self._tenant(ticket),
            open=bool(
                self._store.rows("SELECT 1 FROM cases WHERE ticket_id = ? AND open", (ticket,))
            ),
            counts={
                name: int(self._store.rows(count, (ticket,))[0][0])
                for name, count in sql.COUNTED.items()
            },
            noted=bool(noted),
            history=bool(noted and noted[0][0]),
        )

    def forget(self, ticket: str, by: str) -> Traces:
        """All in one transaction, the audit row with it; returns what was there.

        Nothing happens, and no row is added, where nothing is left to forget.
        """
        found = self.traces(ticket)
        if found.rows or not found.noted:

            def job(db: sqlite_utils.Database) -> None:
                for statement in sql.DELETED:
                    db.execute(statement, (ticket,))
                _strip(db, ticket)
                db.execute(sql.NOTE, (ticket, found.tenant, self._now().isoformat(), by))
                counts = {name: str(count) for name, count in found.counts.items() if count}
                self._audit.add(db, ticket, "forgotten", by, counts)

            self._store.write(job, durable=True)
        self._artifacts.drop(found.tenant, ticket)
        return found

    def scrub(self) -> bool:
        """Bring what was deleted off the disk, as far as SQLite can; once after any number.

        False: a reader held the write-ahead log; the next checkpoint shortens it.
        """
        # Words of deleted cases lie in the full-text index until its parts are merged.
        self._store.write(lambda db: db.execute(sql.MERGE_INDEX) and None)
        return self._store.checkpoint()

    def history_gone(self, ticket: str) -> None:
        self._store.write(lambda db: db.execute(sql.HISTORY_GONE, (ticket,)) and None)

    def waiting(self) -> list[str]:
        """Forgotten tickets of which something is left: histories in Temporal, late words."""
        return [str(ticket) for (ticket,) in self._store.rows(sql.WAITING)]

    def first_round(self, ticket: str) -> int:
        """Of a ticket that begins. What was done for a forgotten one stands under its rounds, and
        would pass for what is to be done for one that is reported anew.
        """
        return 1 + int(self._store.rows(sql.LAST_ROUND, (ticket,))[0][0])

    def reported_by(self, subject: str, tenant: str = "") -> list[str]:
        """Tickets that a person reported, in one tenant or in all."""
        rows = self._store.rows(sql.REPORTED, (subject, tenant, tenant))
        return [str(ticket) for (ticket,) in rows]

    def closed_before(self, moment: datetime, tenant: str) -> list[str]:
        """Tickets that ended before `moment` (UTC). Never what was labelled or backfilled."""
        rows = self._store.rows(sql.CLOSED, (tenant, moment.isoformat()))
        return [str(ticket) for (ticket,) in rows]

    def tenants(self) -> list[str]:
        return [str(tenant) for (tenant,) in self._store.rows(sql.TENANTS)]

    def quoting(self, tickets: Collection[str]) -> dict[str, list[str]]:
        """Other tickets whose evidence quotes one of `tickets`, and which ones."""
        wanted, found = set(tickets), dict[str, list[str]]()
        for other, ref in self._dossiers():
            if other in wanted:
                continue
            cited = sorted(wanted & _cases_in(self._text(ref)))
            if cited:
                found[other] = sorted({*found.get(other, []), *cited})
        return found

    def _dossiers(self) -> Iterator[tuple[str, ArtifactRef]]:
        for ticket, tenant, sha256, size in self._store.rows(sql.DOSSIERS):
            yield ticket, ArtifactRef(tenant=tenant, sha256=sha256, size=size)

    def _text(self, ref: ArtifactRef) -> str:
        try:
            return self._artifacts.get(ref)
        except LookupError:
            return ""

    def _tenant(self, ticket: str) -> str:
        return next((str(row[0]) for row in self._store.rows(sql.TENANT, (ticket,))), "")


def _cases_in(dossier: str) -> set[str]:
    # Most dossiers cite no past ticket, and reading them whole takes its time.
    if f'"{EvidenceKind.CASE.value}"' not in dossier:
        return set()
    return {item.source for item in Dossier.model_validate_json(dossier).of(EvidenceKind.CASE)}


def _strip(db: sqlite_utils.Database, ticket: str) -> None:
    """Leave of outcomes and facts what can be counted: kinds, times, digests."""
    for round, body in db.execute(sql.OUTCOMES, (ticket,)).fetchall():
        bare = Outcome.model_validate_json(body).model_copy(
            update={"reason": FORGOTTEN, "component": None, "fault": None, "decided_by": []}
        )
        db.execute(sql.BARE_OUTCOME, (bare.model_dump_json(), ticket, round))
    for name, body in db.execute(sql.FACTS, (ticket,)).fetchall():
        fact = OutcomeFact.model_validate_json(body).model_copy(update={"who": FORGOTTEN})
        db.execute(sql.BARE_FACT, (fact.model_dump_json(), ticket, name))
