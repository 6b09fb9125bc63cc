"""Promises of every backend about spending and what people read: Budgets, Chat."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from mendwheel.domain.budget import CallKey
from mendwheel.domain.ids import EffectKey

KEY = EffectKey(ticket_id="t1", round=1, step="write_back", target="slack")
CALL = CallKey(ticket_id="t1", round=1, step="triage")


def test_same_call_gets_its_standing_reservation_and_pays_once(backend):
    first = backend.budgets.reserve(CALL, 600, 1000)
    again = backend.budgets.reserve(CALL, 600, 1000)
    assert (first.granted, first.tokens, first.left) == (True, 600, 400)
    assert again == first.model_copy(update={"standing": True})


def test_refused_reservation_takes_nothing(backend):
    backend.budgets.reserve(CALL, 600, 1000)
    other = CALL.model_copy(update={"call": 1})
    refused = backend.budgets.reserve(other, 401, 1000)
    assert (refused.granted, refused.tokens, refused.left) == (False, 0, 400)
    assert backend.budgets.reserve(other, 400, 1000).granted


def test_settling_frees_what_was_not_used_and_counts_what_was_used_over(backend):
    other = CALL.model_copy(update={"call": 1})
    backend.budgets.reserve(CALL, 600, 1000)
    backend.budgets.settle(CALL, 100)
    assert backend.budgets.reserve(other, 900, 1000).left == 0
    backend.budgets.settle(other, 2000)
    refused = backend.budgets.reserve(CALL.model_copy(update={"call": 2}), 1, 1000)
    assert (refused.granted, refused.left) == (False, 0)


def test_what_a_ticket_spent_is_its_own_reserved_and_settled_tokens(backend):
    assert backend.budgets.spent("t1") == 0
    backend.budgets.reserve(CALL, 600, 1000)
    assert backend.budgets.spent("t1") == 600
    backend.budgets.settle(CALL, 100)
    backend.budgets.reserve(CALL.model_copy(update={"ticket_id": "t2"}), 50, 1000)
    assert (backend.budgets.spent("t1"), backend.budgets.spent("t2")) == (100, 50)


def test_unsettled_reservation_counts_as_spent_after_a_crash(backend):
    backend.budgets.reserve(CALL, 600, 1000)
    backend.restart()
    assert not backend.budgets.reserve(CALL.model_copy(update={"call": 1}), 500, 1000).granted


def test_settling_again_never_lowers_the_count(backend):
    backend.budgets.reserve(CALL, 600, 1000)
    backend.budgets.settle(CALL, 500)
    backend.budgets.settle(CALL, 100)
    assert backend.budgets.reserve(CALL, 600, 1000).tokens == 500


def test_settling_an_unreserved_call_is_refused(backend):
    with pytest.raises(LookupError, match="t1/1/triage/0"):
        backend.budgets.settle(CALL, 10)


def test_negative_tokens_never_make_room(backend):
    with pytest.raises(ValueError, match="-5"):
        backend.budgets.reserve(CALL, -5, 1000)
    backend.budgets.reserve(CALL, 5, 1000)
    with pytest.raises(ValueError, match="-5"):
        backend.budgets.settle(CALL, -5)


def test_tickets_do_not_share_a_budget(backend):
    backend.budgets.reserve(CALL, 1000, 1000)
    assert backend.budgets.reserve(CALL.model_copy(update={"ticket_id": "t2"}), 1000, 1000).granted


def test_eight_threads_never_get_more_than_the_limit(backend):
    def ask(call: int) -> int:
        return backend.budgets.reserve(CALL.model_copy(update={"call": call}), 70, 1000).tokens

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(80))) == 980


def test_message_is_found_by_its_key_in_its_place_only(backend):
    assert backend.chat.find("desk", KEY) is None
    reference = backend.chat.post("desk", "t1", "Looking.", KEY)
    assert backend.chat.find("desk", KEY) == reference
    assert backend.chat.find("elsewhere", KEY) is None


def test_posting_twice_under_one_key_writes_once(backend):
    first = backend.chat.post("desk", "t1", "Looking.", KEY)
    assert backend.chat.post("desk", "t1", "Looking, again.", KEY) == first
    assert [text for _, text in backend.chat.thread("t1")] == ["Looking."]


def test_thread_shows_current_texts_with_the_time_they_were_posted(backend, clock):
    card = backend.chat.post("desk", "t1", "Open", KEY)
    clock.advance(60)
    backend.chat.post("desk", "t1", "A\x00B 🛠 \ud800", KEY.model_copy(update={"step": "note"}))
    backend.chat.post("desk", "t2", "Other", KEY.model_copy(update={"ticket_id": "t2"}))
    backend.chat.update("desk", card, "Closed")
    backend.restart()
    assert backend.chat.thread("t1") == [
        (datetime(2026, 3, 1, 9, 0, tzinfo=UTC), "Closed"),
        (datetime(2026, 3, 1, 9, 1, tzinfo=UTC), "A\x00B 🛠 \ud800"),
    ]


def test_updating_an_unknown_message_is_refused(backend):
    reference = backend.chat.post("desk", "t1", "Open", KEY)
    with pytest.raises(LookupError, match="nothing-here"):
        backend.chat.update("desk", "nothing-here", "Closed")
    with pytest.raises(LookupError):
        backend.chat.update("elsewhere", reference, "Closed")
