"""Approvals as they were asked, and every decision that came for them, counted or not."""

import sqlite_utils

from mendwheel.domain.approval import Approval, Decision
from mendwheel.stores.store import Store

_ASK = (
    "INSERT INTO questions (request_id, ticket_id, open, body) VALUES (?, ?, 1, ?)"
    " ON CONFLICT DO NOTHING"
)
_SUPERSEDE = "UPDATE questions SET open = 0 WHERE ticket_id = ? AND request_id <> ? AND open"
_OPEN = "SELECT body FROM questions WHERE ticket_id = ? AND open"
_FIND = "SELECT body FROM questions WHERE request_id = ?"
_OF = "SELECT body FROM questions WHERE ticket_id = ? ORDER BY rowid DESC"
_CLOSE = "UPDATE questions SET open = 0 WHERE request_id = ?"
# The same decision may be refused while it is early and count when it is sent again.
_DECIDE = (
    "INSERT INTO decisions (request_id, decision_id, accepted, reason, body)"
    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (request_id, decision_id) DO UPDATE SET"
    " accepted = excluded.accepted, reason = excluded.reason, body = excluded.body"
    " WHERE NOT accepted"
)
_OVERTURN = "UPDATE decisions SET accepted = 0, reason = ? WHERE request_id = ? AND decision_id = ?"
_DECISIONS = "SELECT body, accepted, reason FROM decisions WHERE request_id = ? ORDER BY rowid"


class SqliteQuestions:
    """`ports.Questions` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def asked(self, approval: Approval) -> None:
        """Record the question; it takes the place of an open one of the same ticket."""
        row = (approval.request_id, approval.ticket_id, approval.model_dump_json())

        def ask(db: sqlite_utils.Database) -> None:
            # A repeated call must neither reopen a closed question nor close a newer one.
            if db.execute(_ASK, row).rowcount:
                db.execute(_SUPERSEDE, (approval.ticket_id, approval.request_id))

        self._store.write(ask, durable=True)

    def open(self, ticket_id: str) -> Approval | None:
        """The question that waits for an answer now."""
        for (body,) in self._store.rows(_OPEN, (ticket_id,)):
            return Approval.model_validate_json(body)
        return None

    def decided(self, approval_id: str, decision: Decision, accepted: bool, reason: str) -> None:
        """Keep a decision; once accepted, its record does not change."""
        row = (approval_id, decision.decision_id, accepted, reason, decision.model_dump_json())

        def note(db: sqlite_utils.Database) -> None:
            db.execute(_DECIDE, row)

        self._store.write(note, durable=True)

    def overturned(self, approval_id: str, decision_id: str, reason: str) -> None:
        """A decision that was accepted does not count after all: somebody was faster."""

        def overturn(db: sqlite_utils.Database) -> None:
            db.execute(_OVERTURN, (reason, approval_id, decision_id))

        self._store.write(overturn, durable=True)

    def decisions(self, approval_id: str) -> list[tuple[Decision, bool, str]]:
        """Decision, whether it was accepted, and why (not), in the order they arrived."""
        return [
            (Decision.model_validate_json(body), bool(accepted), reason)
            for body, accepted, reason in self._store.rows(_DECISIONS, (approval_id,))
        ]

    def of(self, ticket_id: str) -> list[Approval]:
        """Every question of the ticket, the last one first."""
        rows = self._store.rows(_OF, (ticket_id,))
        return [Approval.model_validate_json(body) for (body,) in rows]

    def closed(self, approval_id: str) -> None:
        """The question waits no longer; closing it again, or an unknown one, changes nothing."""

        def close(db: sqlite_utils.Database) -> None:
            db.execute(_CLOSE, (approval_id,))

        self._store.write(close, durable=True)

    def find(self, approval_id: str) -> Approval | None:
        """A question by its id, open or not."""
        for (body,) in self._store.rows(_FIND, (approval_id,)):
            return Approval.model_validate_json(body)
        return None
