"""The suite's memory on SQLite: one `Store`, and an adapter for each store port."""

from mendwheel.stores.artifacts import SqliteArtifacts
from mendwheel.stores.audit import SqliteAudit
from mendwheel.stores.budgets import SqliteBudgets
from mendwheel.stores.desk import Desk
from mendwheel.stores.ledger import SqliteLedger
from mendwheel.stores.letters import SqliteLetters
from mendwheel.stores.outcomes import SqliteOutcomes
from mendwheel.stores.questions import SqliteQuestions
from mendwheel.stores.store import Store

__all__ = [
    "Desk",
    "SqliteArtifacts",
    "SqliteAudit",
    "SqliteBudgets",
    "SqliteLedger",
    "SqliteLetters",
    "SqliteOutcomes",
    "SqliteQuestions",
    "Store",
]
