"""Promises about what a tenant may spend, answers kept for later, and the log of calls."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mendwheel.domain.budget import CallKey
from mendwheel.gateway.errors import BudgetExhausted, QuotaExhausted
from mendwheel.gateway.spending import Spending
from mendwheel.stores import SqliteArtifacts, SqliteBudgets, Store
from mendwheel.stores.answers import SqliteAnswers
from mendwheel.stores.calls import SqliteCalls
from mendwheel.stores.quotas import SqliteQuotas
from tests.model_calls import model_call

CALL = CallKey(ticket_id="t1", round=1, step="triage")


def call(number: int, ticket: str = "t1") -> CallKey:
    return CallKey(ticket_id=ticket, round=1, step="triage", call=number)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.db") as store:
        yield store


@pytest.fixture
def quotas(opened: Store, clock) -> SqliteQuotas:
    return SqliteQuotas(opened, clock)


@pytest.fixture
def answers(opened: Store, clock) -> SqliteAnswers:
    return SqliteAnswers(opened, SqliteArtifacts(opened), clock)


def take(quotas: SqliteQuotas, number: int, tokens: int, minute: int = 0, day: int = 0):
    return quotas.take("a", call(number), tokens, per_minute=minute, per_day=day)


def test_minute_limit_says_how_long_to_wait_and_that_is_enough(quotas, clock) -> None:
    assert take(quotas, 1, 600, minute=1000).granted
    clock.advance(20)
    assert take(quotas, 2, 300, minute=1000).granted
    refused = take(quotas, 3, 500, minute=1000)
    assert (refused.granted, refused.limit, refused.wait) == (False, "minute", 40)
    clock.advance(40)
    assert take(quotas, 3, 500, minute=1000).granted


def test_call_larger_than_the_limit_is_told_that_waiting_does_not_help(quotas) -> None:
    assert take(quotas, 1, 1001, minute=1000).wait is None
    assert take(quotas, 1, 1001, day=1000).wait is None


def test_day_limit_ends_at_midnight_utc(quotas, clock) -> None:
    assert take(quotas, 1, 900, day=1000).granted
    refused = take(quotas, 2, 200, day=1000)
    assert (refused.limit, refused.wait) == ("day", pytest.approx(15 * 3600, abs=1))
    clock.advance(15 * 3600)
    assert take(quotas, 2, 200, day=1000).granted
    assert quotas.used("a") == (200, 200), "the first moment of a day is part of it"


def test_what_was_taken_hours_ago_counts_until_the_day_is_over(quotas, clock) -> None:
    for number in range(3):
        assert take(quotas, number, 300, day=1000).granted
        clock.advance(3600)
    assert take(quotas, 3, 200, day=1000).limit == "day"


def test_midnight_does_not_empty_the_minute(quotas, clock) -> None:
    clock.advance(15 * 3600 - 10)
    assert take(quotas, 1, 600, minute=1000).granted
    clock.advance(20)
    assert take(quotas, 2, 300, minute=1000).granted
    assert take(quotas, 3, 200, minute=1000).limit == "minute"


def test_settling_frees_what_was_not_used_and_never_lowers_it_again(quotas) -> None:
    take(quotas, 1, 900, day=1000)
    quotas.settle(call(1), 100)
    quotas.settle(call(1), 50)
    assert quotas.used("a") == (100, 100)
    assert take(quotas, 2, 900, day=1000).granted


def test_same_call_is_counted_once_and_tenants_do_not_share(quotas) -> None:
    assert take(quotas, 1, 900, day=1000).granted
    assert take(quotas, 1, 900, day=1000).granted
    assert quotas.used("a") == (900, 900)
    assert quotas.take("b", call(1, "t2"), 900, per_minute=0, per_day=1000).granted


def test_refused_call_takes_nothing(quotas) -> None:
    take(quotas, 1, 900, day=1000)
    take(quotas, 2, 900, day=1000)
    assert quotas.used("a") == (900, 900)


def test_negative_tokens_never_make_room_in_a_quota(quotas) -> None:
    with pytest.raises(ValueError, match="-5"):
        take(quotas, 1, -5, day=1000)
    take(quotas, 1, 5, day=1000)
    with pytest.raises(ValueError, match="-5"):
        quotas.settle(call(1), -5)


def test_fifty_threads_of_two_stores_never_get_more_than_the_quota(tmp_path: Path, clock) -> None:
    path = tmp_path / "store.db"
    with Store(path) as one, Store(path) as two, ThreadPoolExecutor(50) as pool:
        both = [SqliteQuotas(one, clock), SqliteQuotas(two, clock)]
        granted = pool.map(lambda n: take(both[n % 2], n, 70, 1000, 5000).granted, range(100))
        assert sum(granted) == 14
        assert both[0].used("a") == (980, 980)


def test_what_is_over_is_forgotten(quotas, opened, clock) -> None:
    take(quotas, 1, 10)
    clock.advance(2 * 86_400)
    take(quotas, 2, 10)
    assert opened.rows("SELECT call FROM tenant_tokens") == [(2,)]


def test_budget_says_that_a_call_came_to_its_end_before(opened) -> None:
    budgets = SqliteBudgets(opened)
    assert not budgets.reserve(CALL, 600, 1000).settled
    assert not budgets.reserve(CALL, 600, 1000).settled
    budgets.settle(CALL, 100)
    assert budgets.reserve(CALL, 600, 1000).settled


def test_answer_is_kept_for_its_time_and_for_its_tenant_only(answers, clock) -> None:
    answers.put("a", "k", "said", seconds=60)
    assert answers.get("a", "k") == "said"
    assert answers.get("b", "k") is None
    assert answers.get("a", "other") is None
    clock.advance(59)
    assert answers.get("a", "k") == "said"
    clock.advance(1)
    assert answers.get("a", "k") is None


def test_newer_answer_takes_the_place_of_an_older_one(answers, clock) -> None:
    answers.put("a", "k", "old", seconds=60)
    clock.advance(50)
    answers.put("a", "k", "new", seconds=60)
    clock.advance(30)
    assert answers.get("a", "k") == "new"


def test_answer_whose_text_was_forgotten_is_no_answer(opened, clock) -> None:
    answers = SqliteAnswers(opened, SqliteArtifacts(opened), clock)
    answers.put("a", "k", "said", seconds=60)
    opened.write(lambda db: db.execute("DELETE FROM ticket_keys") and None)
    fresh = SqliteAnswers(opened, SqliteArtifacts(opened), clock)
    assert fresh.get("a", "k") is None


def test_calls_come_back_newest_first_and_by_ticket(opened) -> None:
    calls = SqliteCalls(opened)
    first = model_call(tenant="a")
    second = first.model_copy(update={"ticket_id": "t2", "cached": True, "failure": "timeout"})
    calls.add(first)
    calls.add(second)
    assert calls.list() == [second, first]
    assert calls.list(ticket_id="t1") == [first]
    assert calls.list(limit=1) == [second]


def test_call_that_broke_off_stays_paid_when_it_is_made_again_on_another_day(
    opened: Store, clock
) -> None:
    spending = Spending(SqliteBudgets(opened), 10_000, SqliteQuotas(opened, clock), per_day=1000)
    asyncio.run(spending.reserve("a", call(1), 900))
    clock.advance(86_400)
    asyncio.run(spending.reserve("a", call(2), 500))
    with pytest.raises(QuotaExhausted):
        asyncio.run(spending.reserve("a", call(1), 900))
    assert SqliteBudgets(opened).spent("t1") == 900 + 500


def test_call_that_breaks_off_each_time_is_made_as_often_as_it_can_be_paid(opened: Store) -> None:
    spending = Spending(SqliteBudgets(opened), 1_000)
    for _ in range(3):
        asyncio.run(spending.reserve("a", call(1), 300))
    with pytest.raises(BudgetExhausted):
        asyncio.run(spending.reserve("a", call(1), 300))
