"""Promises of every backend about outside effects: Ledger."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.ports import LedgerConflict

KEY = EffectKey(ticket_id="t1", round=1, step="write_back", target="slack")
WRITTEN = Receipt(state=EffectState.DONE, detail="posted", reference="C1/170.2")


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


def test_a_released_claim_is_fresh_at_once_and_looks_first(backend):
    backend.ledger.claim(KEY, "a" * 64, 10)
    backend.ledger.release(KEY)
    assert backend.ledger.claim(KEY, "a" * 64, 10) == Receipt(
        state=EffectState.FRESH, detail="again"
    )
    backend.ledger.done(KEY, WRITTEN)
    backend.ledger.release(KEY)
    assert backend.ledger.claim(KEY, "a" * 64, 10) == WRITTEN


def test_a_withdrawn_claim_is_as_if_it_had_never_been_and_a_done_one_stays(backend):
    backend.ledger.claim(KEY, "a" * 64, 10)
    backend.ledger.withdraw(KEY)
    assert backend.ledger.claim(KEY, "a" * 64, 10) == Receipt(state=EffectState.FRESH)
    backend.ledger.done(KEY, WRITTEN)
    backend.ledger.withdraw(KEY)
    assert backend.ledger.claim(KEY, "a" * 64, 10) == WRITTEN


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


def test_a_lease_is_outwaited_however_far_the_clocks_of_two_workers_are_apart(backend, clock):
    for off in (600, -600):
        key = KEY.model_copy(update={"step": f"clock {off}"})
        backend.ledger.claim(key, "a" * 64, 10)
        other = backend.another(off)
        assert other.claim(key, "a" * 64, 10).state is EffectState.HELD
        clock.advance(9.5)
        assert other.claim(key, "a" * 64, 10).state is EffectState.HELD
        clock.advance(0.5)
        assert other.claim(key, "a" * 64, 10).detail == "again"
        assert backend.ledger.claim(key, "a" * 64, 10).state is EffectState.HELD


def test_a_clock_that_is_set_forward_ends_no_lease(backend, clock):
    backend.ledger.claim(KEY, "a" * 64, 10)
    clock.set(600)
    assert backend.ledger.claim(KEY, "a" * 64, 10).state is EffectState.HELD
    clock.set(-1200)
    clock.advance(10)
    assert backend.ledger.claim(KEY, "a" * 64, 10).detail == "again"


def test_a_lease_of_long_ago_need_not_be_watched_by_a_new_worker(backend, clock):
    backend.ledger.claim(KEY, "a" * 64, 10)
    clock.advance(2 * 3600)
    assert backend.another(0).claim(KEY, "a" * 64, 10).detail == "again"
