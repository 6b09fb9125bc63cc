"""What the contract suite runs against. Another database adds its factory to `BACKENDS`.

The contract tests know the ports and nothing of SQLite.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mendwheel import ports
from mendwheel.stores import (
    Desk,
    SqliteArtifacts,
    SqliteAudit,
    SqliteBudgets,
    SqliteLedger,
    SqliteLetters,
    SqliteOutcomes,
    SqliteQuestions,
    Store,
)


class HandClock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        self.passed = 0.0

    def __call__(self) -> datetime:
        return self.time

    def elapsed(self) -> float:
        """Seconds since it was made, whatever it was set to."""
        return self.passed

    def advance(self, seconds: float) -> None:
        self.set(seconds)
        self.passed += seconds

    def set(self, seconds: float) -> None:
        """Somebody sets it forward; no time passes."""
        self.time += timedelta(seconds=seconds)


class SqliteBackend:
    """Every store port on one file."""

    def __init__(self, folder: Path, clock: HandClock) -> None:
        self._clock = clock
        self.store = Store(folder / "store.db")
        self.store.open()
        self.artifacts: ports.Artifacts = SqliteArtifacts(self.store)
        self.ledger: ports.Ledger = SqliteLedger(self.store, clock, clock.elapsed)
        self.letters: ports.Letters = SqliteLetters(self.store)
        self.outcomes: ports.Outcomes = SqliteOutcomes(self.store)
        self.questions: ports.Questions = SqliteQuestions(self.store)
        self.audit: ports.Audit = SqliteAudit(self.store, clock)
        self.budgets: ports.Budgets = SqliteBudgets(self.store)
        self.chat: ports.Chat = Desk(self.store, clock)

    def another(self, off: float) -> ports.Ledger:
        """The ledger as another worker has it, whose clock is off by so many seconds."""
        away = timedelta(seconds=off)
        return SqliteLedger(self.store, lambda: self._clock() + away, self._clock.elapsed)

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


class Held:
    """Keeps the writer busy, so that everything written meanwhile lands in one batch."""

    def __init__(self, store: Store, pool: ThreadPoolExecutor) -> None:
        self._store, self._pool = store, pool
        self.hold()

    def hold(self) -> None:
        self._go = threading.Event()
        running = threading.Event()

        def block(_: Any) -> None:
            running.set()
            self._go.wait(10)

        self._blocker = self._pool.submit(self._store.write, block)
        assert running.wait(10)

    def write(self, job: Callable[[Any], Any], **options: Any) -> Future[Any]:
        before = len(self._store._writer._jobs)
        waiting = self._pool.submit(self._store.write, job, **options)
        while len(self._store._writer._jobs) == before:
            time.sleep(0.001)
        return waiting

    def release(self) -> None:
        self._go.set()
        self._blocker.result(10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "deep" / "store.db")
    opened.open()
    opened.write(lambda db: db.execute("CREATE TABLE notes (text)") and None)
    yield opened
    opened.close()


@pytest.fixture
def held(store: Store) -> Iterator[Held]:
    with ThreadPoolExecutor(16) as pool:
        yield Held(store, pool)
