"""What came of tickets, round by round, and what people did about it afterwards."""

import sqlite_utils

from mendwheel.domain.outcome import Outcome, OutcomeFact, Standing
from mendwheel.stores.store import Store

_SAVE = (
    "INSERT INTO outcomes (ticket_id, round, standing, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (ticket_id, round) DO UPDATE SET"
    " standing = excluded.standing, body = excluded.body, bare = 0"
)
_LATEST = "SELECT body, standing FROM outcomes WHERE ticket_id = ? ORDER BY round DESC LIMIT 1"
_SETTLE = "UPDATE outcomes SET standing = ? WHERE ticket_id = ? AND round = ?"
_ADD_FACT = (
    "INSERT INTO outcome_facts (ticket_id, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)
_FACTS = "SELECT body FROM outcome_facts WHERE ticket_id = ? ORDER BY rowid"


class SqliteOutcomes:
    """`ports.Outcomes` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, outcome: Outcome) -> None:
        row = (outcome.ticket_id, outcome.round, outcome.standing, outcome.model_dump_json())

        def upsert(db: sqlite_utils.Database) -> None:
            db.execute(_SAVE, row)

        self._store.write(upsert, durable=True)

    def latest(self, ticket_id: str) -> Outcome | None:
        """The outcome of the ticket's highest round."""
        for body, standing in self._store.rows(_LATEST, (ticket_id,)):
            outcome = Outcome.model_validate_json(body)
            return outcome.model_copy(update={"standing": Standing(standing)})
        return None

    def settle(self, ticket_id: str, round: int, standing: Standing) -> None:
        """Raises LookupError when that round has no outcome."""

        def change(db: sqlite_utils.Database) -> int:
            return db.execute(_SETTLE, (standing, ticket_id, round)).rowcount

        if not self._store.write(change, durable=True):
            raise LookupError(f"round {round} of ticket {ticket_id} has no outcome: save it first")

    def add_fact(self, ticket_id: str, fact: OutcomeFact) -> bool:
        row = (ticket_id, fact.id, fact.model_dump_json())

        def add(db: sqlite_utils.Database) -> bool:
            return db.execute(_ADD_FACT, row).rowcount == 1

        return self._store.write(add, durable=True)

    def facts(self, ticket_id: str) -> list[OutcomeFact]:
        """In the order they arrived."""
        rows = self._store.rows(_FACTS, (ticket_id,))
        return [OutcomeFact.model_validate_json(body) for (body,) in rows]
