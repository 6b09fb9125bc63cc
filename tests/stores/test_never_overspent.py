"""No ticket and no tenant ever spends more than its limit: many calls at once, crashes, kills.

What broke off counts with its worst case, also when the same call is tried again. So what is
counted is never less than what all tries together used, and never more than the limit.
"""

import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mendwheel.domain.budget import CallKey
from mendwheel.gateway.errors import BudgetExhausted, QuotaExhausted
from mendwheel.gateway.spending import Spending
from mendwheel.stores import SqliteBudgets, Store
from mendwheel.stores.quotas import SqliteQuotas

BUDGET, DAY = 6_000, 9_000
TENANT = "tenant"


End = Literal["settled", "crashed", "turned away"]


class Try(NamedTuple):
    """One try of one call: what it really uses, and how it ends."""

    ticket: str
    number: int
    share: float
    end: End

    @property
    def worst(self) -> int:
        """The same for every try of the same call, as its messages are."""
        return 37 + 113 * (self.number % 7)

    @property
    def key(self) -> CallKey:
        return CallKey(ticket_id=self.ticket, round=1, step="answer", call=self.number)


TRIES = st.builds(
    Try,
    st.sampled_from(["t1", "t2"]),
    st.integers(0, 40),
    st.floats(0, 1),
    st.sampled_from(["settled", "settled", "crashed", "turned away"]),
)
BURSTS = st.lists(TRIES, min_size=1, max_size=50, unique_by=lambda each: each.key)


class NeverOverspent(RuleBasedStateMachine):
    """Bursts of up to 50 calls at once over two openings of one store, and restarts of them."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.stores = [Store(self.folder / "store.db") for _ in range(2)]
        for store in self.stores:
            store.open()
        self.spending = [
            Spending(SqliteBudgets(store), BUDGET, SqliteQuotas(store), per_day=DAY)
            for store in self.stores
        ]
        self.counted: dict[CallKey, int] = {}
        self.used: dict[CallKey, int] = {}

    @rule(burst=BURSTS)
    def calls_at_once(self, burst: list[Try]) -> None:
        asyncio.run(self._all(burst))

    @rule(ticket=st.sampled_from(["t1", "t2"]), first=st.integers(0, 150), random=st.randoms())
    def fifty_calls_of_one_ticket_at_once(self, ticket: str, first: int, random: Random) -> None:
        ends: list[End] = ["settled", "crashed", "turned away"]
        tries = [
            Try(ticket, first + number, random.random(), random.choice(ends))
            for number in range(50)
        ]
        asyncio.run(self._all(tries))

    @rule(which=st.integers(0, 1))
    def restart(self, which: int) -> None:
        self.stores[which].close()
        self.stores[which].open()

    @invariant()
    def limits_hold_and_nothing_used_is_left_uncounted(self) -> None:
        for ticket in ("t1", "t2"):
            counted = _of(self.counted, ticket)
            assert SqliteBudgets(self.stores[0]).spent(ticket) == counted
            assert _of(self.used, ticket) <= counted <= BUDGET
        everything = sum(self.counted.values())
        assert SqliteQuotas(self.stores[1]).used(TENANT)[1] == everything <= DAY

    def teardown(self) -> None:
        for store in getattr(self, "stores", []):
            store.close()
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    async def _all(self, burst: list[Try]) -> None:
        # The loop's own pool would let only a few at the store at once.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(50))
        await asyncio.gather(*[self._one(number, each) for number, each in enumerate(burst)])

    async def _one(self, number: int, each: Try) -> None:
        spending = self.spending[number % 2]
        try:
            key = await spending.reserve(TENANT, each.key, each.worst)
        except (BudgetExhausted, QuotaExhausted):
            return
        assert key not in self.counted, "an earlier try may have used what was set aside for it"
        self.counted[key], self.used[key] = each.worst, 0
        if each.end == "crashed":
            self.used[key] = int(each.worst * each.share)
            return
        self.used[key] = int(each.worst * each.share) if each.end == "settled" else 0
        await spending.settle(key, self.used[key])
        self.counted[key] = self.used[key]


def _of(tokens: dict[CallKey, int], ticket: str) -> int:
    return sum(count for key, count in tokens.items() if key.ticket_id == ticket)


TestNeverOverspent = NeverOverspent.TestCase
TestNeverOverspent.settings = settings(
    max_examples=15,
    stateful_step_count=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

SPENDER = """
import os, random, sys, threading
from mendwheel.domain.budget import CallKey
from mendwheel.stores import SqliteBudgets, Store

path, bill, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = Store(path)
store.open()
budgets = SqliteBudgets(store)
# The provider's own count: in one piece, and there even if this process is killed at once.
paper = os.open(bill, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
print("ready", flush=True)

def spend(thread):
    for number in range(10**6):
        step = f"{os.getpid()}-{thread}"
        key = CallKey(ticket_id="t", round=1, step=step, call=number)
        if not budgets.reserve(key, 100, limit).granted:
            return
        used = random.randint(1, 100)
        os.write(paper, f"{used}\\n".encode())
        budgets.settle(key, used)

threads = [threading.Thread(target=spend, args=(each,)) for each in range(25)]
for each in threads:
    each.start()
for each in threads:
    each.join()
"""


def test_processes_killed_between_reserve_and_settle_never_overspend(tmp_path: Path) -> None:
    path, bill, limit = tmp_path / "store.db", tmp_path / "bill", 60_000
    command = [sys.executable, "-c", SPENDER, str(path), str(bill), str(limit)]
    killed = 0
    for wait in (0.05, 0.1, 0.15, None):
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        if wait is not None:
            time.sleep(wait)
            for process in started:
                process.send_signal(signal.SIGKILL)
        for process in started:
            killed += process.wait(60) == -signal.SIGKILL
            process.stdout.close()
    with Store(path) as store:
        counted = SqliteBudgets(store).spent("t")
    used = sum(map(int, bill.read_text().split()))
    assert killed >= 2
    assert used <= counted <= limit
    assert counted > limit - 100, "the last ones spent what was left"
