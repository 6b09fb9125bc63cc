"""The suite's memory on SQLite: one `Store`, and an adapter for each store port."""

from mendwheel.stores.artifacts import Artifacts
from mendwheel.stores.audit import Audit
from mendwheel.stores.budgets import Budgets
from mendwheel.stores.desk import Desk
from mendwheel.stores.ledger import Ledger
from mendwheel.stores.outcomes import Outcomes
from mendwheel.stores.questions import Questions
from mendwheel.stores.store import Store

__all__ = [
    "Artifacts",
    "Audit",
    "Budgets",
    "Desk",
    "Ledger",
    "Outcomes",
    "Questions",
    "Store",
]
