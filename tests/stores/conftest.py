"""What the contract suite runs against. Another database adds its factory to `BACKENDS`.

The contract tests know the ports and nothing of SQLite.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mendwheel import ports
from mendwheel.stores import Artifacts, Audit, Budgets, Desk, Ledger, Outcomes, Questions, Store


class HandClock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class SqliteBackend:
    """Every store port on one file."""

    def __init__(self, folder: Path, clock: HandClock) -> None:
        self.store = Store(folder / "store.db")
        self.store.open()
        self.artifacts: ports.Artifacts = Artifacts(self.store)
        self.ledger: ports.Ledger = Ledger(self.store, clock)
        self.outcomes: ports.Outcomes = Outcomes(self.store)
        self.questions: ports.Questions = Questions(self.store)
        self.audit: ports.Audit = Audit(self.store, clock)
        self.budgets: ports.Budgets = Budgets(self.store)
        self.chat: ports.Chat = Desk(self.store, clock)

    def restart(self) -> None:
        """What a new process would find."""
        self.store.close()
        self.store.open()

    def tamper(self, sql: str, *parameters: str) -> None:
        """What a person with a database shell would do."""
        self.store.write(lambda db: db.execute(sql, parameters) and None)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.store.rows(sql)

    def close(self) -> None:
        self.store.close()


BACKENDS: dict[str, Callable[[Path, HandClock], SqliteBackend]] = {"sqlite": SqliteBackend}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=BACKENDS)
def backend(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> Iterator[SqliteBackend]:
    made = BACKENDS[request.param](tmp_path, clock)
    yield made
    made.close()
