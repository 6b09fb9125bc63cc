"""Promises of every backend about effects, spending and what people read: Ledger, Budgets, Chat."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from mendwheel.domain.budget import CallKey
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.ports import LedgerConflict

KEY = EffectKey(ticket_id="t1", round=1, step="write_back", target="slack")
WRITTEN = Receipt(state=EffectState.DONE, detail="posted", reference="C1/170.2")
CALL = CallKey(ticket_id="t1", round=1, step="triage")


def test_first_claim_is_fresh_and_the_second_is_held(backend):
    assert backend.ledger.claim(KEY, "a" * 64, 10) == Receipt(state=EffectState.FRESH)
    assert backend.ledger.claim(KEY, "a" * 64, 10).state is EffectState.HELD


def test_claim_after_the_lease_is_fresh_again_and_takes_a_new_lease(backend, clock):
    backend.ledger.claim(KEY, "a" * 64, 10)
    clock.advance(9.5)
    assert backend.ledger.claim(KEY, "a" * 64, 10).state is EffectState.HELD
    clock.advance(0.5)
    assert backend.ledger.claim(KEY, "a" * 64, 10) == Receipt(
        state=EffectState.FRESH, detail="again"
    )
    clock.advance(9.5)
    assert backend.ledger.claim(KEY, "a" * 64, 10).state is EffectState.HELD


def test_a_held_claim_does_not_prolong_the_lease(backend, clock):
    backend.ledger.claim(KEY, "a" * 64, 10)
    clock.advance(9)
    backend.ledger.claim(KEY, "a" * 64, 10)
    clock.advance(1)
    assert backend.ledger.claim(KEY, "a" * 64, 10).state is EffectState.FRESH


def test_done_effect_is_never_fresh_again_even_after_a_restart(backend, clock):
    backend.ledger.claim(KEY, "a" * 64, 10)
    backend.ledger.done(KEY, WRITTEN)
    clock.advance(10_000)
    backend.restart()
    assert backend.ledger.claim(KEY, "a" * 64, 10) == WRITTEN


def test_first_receipt_stands_when_a_late_attempt_reports_too(backend):
    backend.ledger.claim(KEY, "a" * 64, 10)
    backend.ledger.done(KEY, WRITTEN)
    backend.ledger.done(KEY, Receipt(state=EffectState.DONE, reference="C1/999.9"))
    assert backend.ledger.claim(KEY, "a" * 64, 10).reference == "C1/170.2"


def test_other_arguments_under_one_key_are_a_conflict_before_and_after_done(backend, clock):
    backend.ledger.claim(KEY, "a" * 64, 10)
    with pytest.raises(LedgerConflict, match="t1/1/write_back/slack"):
        backend.ledger.claim(KEY, "b" * 64, 10)
    clock.advance(20)
    with pytest.raises(LedgerConflict):
        backend.ledger.claim(KEY, "b" * 64, 10)
    backend.ledger.done(KEY, WRITTEN)
    with pytest.raises(LedgerConflict):
        backend.ledger.claim(KEY, "b" * 64, 10)


def test_done_without_a_claim_is_refused(backend):
    with pytest.raises(LookupError, match="never claimed"):
        backend.ledger.done(KEY, WRITTEN)


def test_parts_of_a_key_do_not_run_together(backend):
    left = EffectKey(ticket_id="t1", round=1, step="a/b", target="c")
    right = EffectKey(ticket_id="t1", round=1, step="a", target="b/c")
    assert backend.ledger.claim(left, "a" * 64, 10).state is EffectState.FRESH
    assert backend.ledger.claim(right, "b" * 64, 10).state is EffectState.FRESH


def test_one_of_many_simultaneous_claims_is_fresh(backend):
    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: backend.ledger.claim(KEY, "a" * 64, 10).state, range(32)))
    assert states.count(EffectState.FRESH) == 1
    assert states.count(EffectState.HELD) == 31


def test_entries_list_a_tickets_effects_in_order_with_their_standing(backend, clock):
    later = KEY.model_copy(update={"target": "jira"})
    backend.ledger.claim(KEY, "a" * 64, 10)
    backend.ledger.claim(later, "a" * 64, 10)
    backend.ledger.claim(KEY.model_copy(update={"ticket_id": "t2"}), "a" * 64, 10)
    backend.ledger.done(KEY, WRITTEN)
    (first, done), (second, held) = backend.ledger.entries("t1")
    assert (first, done) == (KEY, WRITTEN)
    assert (second, held.state) == (later, EffectState.HELD)
    clock.advance(10)
    assert backend.ledger.entries("t1")[1][1].detail == "again"


def test_same_call_gets_its_standing_reservation_and_pays_once(backend):
    first = backend.budgets.reserve(CALL, 600, 1000)
    again = backend.budgets.reserve(CALL, 600, 1000)
    assert (first.granted, first.tokens, first.left) == (True, 600, 400)
    assert again == first


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
