"""One decision, one observable effect: over retries, lost answers and attempts still in flight."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import EffectState
from mendwheel.effects.perform import DEADLINE, LEASE, EffectHeld, perform, repeat
from mendwheel.ports import LedgerConflict, PlaceError
from mendwheel.stores.ledger import SqliteLedger
from mendwheel.stores.store import Store

KEY = EffectKey(ticket_id="t", round=1, step="publish-final", target="C1")
HASH = "a" * 64


class Target:
    """Something outside that can be looked at and written to; an answer may get lost."""

    def __init__(self, store: Store) -> None:
        self.now = datetime(2026, 5, 4, 9, tzinfo=UTC)
        self.ledger = SqliteLedger(store, lambda: self.now, lambda: self.now.timestamp())
        self.written: list[str] = []
        self.looked = 0
        self.loses_answers = False
        self.fails = False
        self.raises: PlaceError | None = None

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def find(self) -> str | None:
        self.looked += 1
        return self.written[-1] if self.written else None

    def write(self) -> str:
        if self.raises:
            raise self.raises
        if self.fails:
            raise ConnectionRefusedError("nobody there")
        self.written.append(f"m{len(self.written) + 1}")
        if self.loses_answers:
            raise ConnectionResetError("the answer was lost")
        return self.written[-1]

    def perform(self, key: EffectKey = KEY, arguments: str = HASH) -> tuple[str, str]:
        receipt = perform(self.ledger, key, arguments, find=self.find, write=self.write)
        assert receipt.state is EffectState.DONE
        return receipt.reference, receipt.detail


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    with Store(tmp_path / "s.db") as store:
        yield Target(store)


def test_the_first_attempt_writes_without_looking(target: Target) -> None:
    assert target.perform() == ("m1", "written")
    assert target.looked == 0


def test_a_repeated_attempt_gets_the_first_ones_receipt(target: Target) -> None:
    first = target.perform()
    target.pass_(3600)
    assert target.perform() == first
    assert target.written == ["m1"]


def test_a_lost_answer_is_found_after_the_lease_and_not_written_again(target: Target) -> None:
    target.loses_answers = True
    with pytest.raises(ConnectionResetError):
        target.perform()
    target.loses_answers = False
    target.pass_(LEASE + 0.1)
    assert target.perform() == ("m1", "found")
    assert target.written == ["m1"]


def test_an_attempt_that_never_arrived_is_made_up_for(target: Target) -> None:
    target.fails = True
    with pytest.raises(ConnectionRefusedError):
        target.perform()
    target.fails = False
    target.pass_(LEASE + 0.1)
    assert target.perform() == ("m1", "written")
    assert target.looked == 1


@pytest.mark.parametrize("seconds", [0.0, DEADLINE, LEASE - 0.1])
def test_an_attempt_still_in_flight_is_waited_for(target: Target, seconds: float) -> None:
    target.fails = True
    with pytest.raises(ConnectionRefusedError):
        target.perform()
    target.fails = False
    target.pass_(seconds)
    with pytest.raises(EffectHeld) as held:
        target.perform()
    assert 0 < held.value.retry_after < LEASE
    assert target.written == []


def test_the_second_attempt_holds_a_lease_of_its_own(target: Target) -> None:
    target.fails = True
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            target.perform()
        with pytest.raises(EffectHeld):
            target.perform()
        target.pass_(LEASE + 0.1)


def test_other_arguments_under_one_key_are_refused(target: Target) -> None:
    target.perform()
    with pytest.raises(LedgerConflict, match="use a new round or step"):
        target.perform(arguments="b" * 64)
    assert target.written == ["m1"]


@pytest.mark.parametrize(
    "change", [{"round": 2}, {"step": "publish-question"}, {"target": "C2"}, {"ticket_id": "u"}]
)
def test_another_round_step_target_or_ticket_is_another_effect(
    target: Target, change: dict[str, object]
) -> None:
    target.perform()
    assert target.perform(KEY.model_copy(update=change)) == ("m2", "written")


def test_one_attempt_ends_before_its_lease_does() -> None:
    assert DEADLINE < LEASE


def test_what_was_turned_away_is_tried_again_without_waiting_for_the_lease(target: Target) -> None:
    busy = PlaceError("slack", "ratelimited", "busy", retryable=True, retry_after=1.0)
    target.raises = busy
    with pytest.raises(PlaceError):
        target.perform()
    target.raises = None
    assert target.perform() == ("m1", "written")


def test_after_an_error_that_says_nothing_the_next_attempt_waits(target: Target) -> None:
    target.raises = PlaceError("slack", "timeout", "no answer", retryable=True)
    with pytest.raises(PlaceError):
        target.perform()
    target.raises = None
    with pytest.raises(EffectHeld):
        target.perform()
    target.pass_(LEASE)
    assert target.perform() == ("m1", "written")
    assert target.looked == 1


@pytest.mark.parametrize(("kind", "asked", "least"), [("timeout", None, 9), ("504", 30.0, 30)])
def test_an_edit_without_an_answer_is_not_repeated_while_it_may_still_arrive(
    kind: str, asked: float | None, least: float
) -> None:
    def edit() -> None:
        raise PlaceError("slack:C1", kind, "no answer", retryable=True, retry_after=asked)

    with pytest.raises(PlaceError) as failed:
        repeat(edit)
    assert failed.value.retry_after is not None
    assert least <= failed.value.retry_after <= max(LEASE, least)


@pytest.mark.parametrize("kind", ["ratelimited", "503"])
def test_an_edit_that_was_answered_is_repeated_as_soon_as_the_place_allows(kind: str) -> None:
    def edit() -> None:
        raise PlaceError("slack:C1", kind, "later", retryable=True, retry_after=1.0)

    with pytest.raises(PlaceError) as failed:
        repeat(edit)
    assert failed.value.retry_after == 1.0
    assert repeat(lambda: "edited") == "edited"
