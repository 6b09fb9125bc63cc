"""Ten thousand tickets, and nothing acts without a valid approval or acts twice.

`MACHINE_SEED=random make test TESTS=tests/machine` searches elsewhere, `MACHINE_SEQUENCES=100000`
for longer.
"""

from collections.abc import Callable

import pytest

from mendwheel.domain.remedy import Risk
from tests.machine import mutants
from tests.machine.rooms import Rooms
from tests.machine.search import SEQUENCES, search

PARTS = 5

OpenRooms = Callable[[Risk], Rooms]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_acts_without_a_valid_approval_or_twice(rooms: OpenRooms, part: int) -> None:
    # One part of five is about high risk, where nobody counts whom nobody vouches for.
    risk = Risk.HIGH if part == PARTS - 1 else Risk.MEDIUM
    seen = search(rooms(risk), SEQUENCES // PARTS, part)
    assert seen["sequences"] >= SEQUENCES // PARTS
    # A search that reaches nothing finds nothing.
    least = {"actions": 0.1, "approved": 0.1, "rejected": 0.01, "edited": 0.03}
    missed = {what for what, share in least.items() if seen[what] < share * seen["sequences"]}
    assert not missed, f"too few sequences reach {missed}: {seen}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("without", mutants.MUTANTS)
def test_the_search_catches_a_gate_without(
    without: Callable[[pytest.MonkeyPatch], None], rooms: OpenRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = rooms(Risk.MEDIUM)
    without(monkeypatch)
    with pytest.raises(AssertionError, match=r"an action on a question|a second action"):
        search(here, SEQUENCES, shrink=False)
