"""Every store port over one SQLite file, opened and closed together."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from mendwheel.ports import Embedder
from mendwheel.stores.answers import SqliteAnswers
from mendwheel.stores.artifacts import SqliteArtifacts
from mendwheel.stores.audit import SqliteAudit
from mendwheel.stores.budgets import SqliteBudgets
from mendwheel.stores.calls import SqliteCalls
from mendwheel.stores.cases import SqliteCases
from mendwheel.stores.clock import utc_now
from mendwheel.stores.desk import Desk
from mendwheel.stores.forgetting import Forgetting
from mendwheel.stores.inbox import SqliteCursors, SqliteDeliveries, SqliteThreads
from mendwheel.stores.knowledge import SqliteKnowledge
from mendwheel.stores.ledger import SqliteLedger
from mendwheel.stores.letters import SqliteLetters
from mendwheel.stores.outcomes import SqliteOutcomes
from mendwheel.stores.questions import SqliteQuestions
from mendwheel.stores.quotas import SqliteQuotas
from mendwheel.stores.store import Store


class Stores:
    """Constructing opens nothing; `open` and `close` are counted, so that users may share one."""

    def __init__(
        self,
        path: Path,
        embedder: Embedder | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Without `embedder` documents and cases are found by their words alone."""
        self.now = now
        self.store = Store(path)
        self.artifacts = SqliteArtifacts(self.store)
        self.knowledge = SqliteKnowledge(self.store, embedder)
        self.cases = SqliteCases(self.store, embedder)
        self.ledger = SqliteLedger(self.store, now)
        self.letters = SqliteLetters(self.store)
        self.outcomes = SqliteOutcomes(self.store)
        self.questions = SqliteQuestions(self.store)
        self.audit = SqliteAudit(self.store, now)
        self.budgets = SqliteBudgets(self.store)
        self.quotas = SqliteQuotas(self.store, now)
        self.answers = SqliteAnswers(self.store, self.artifacts, now)
        self.calls = SqliteCalls(self.store)
        self.desk = Desk(self.store, now)
        self.threads = SqliteThreads(self.store)
        self.deliveries = SqliteDeliveries(self.store)
        self.cursors = SqliteCursors(self.store)
        self.forgetting = Forgetting(self.store, self.artifacts, self.audit, now)

    def __enter__(self) -> "Stores":
        self.store.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.store.close()
