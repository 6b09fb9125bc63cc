"""The bench of kills: what it goes through, what it keeps, and that its zeros mean something."""

from pathlib import Path

import pytest

from bench import faults
from bench.faults.cast import cast
from bench.faults.count import Written, _no_key_twice
from bench.faults.counted import Counted
from bench.faults.plan import LETTERS, VICTIMS, WRITES, Fates, armed, shift, turns
from bench.faults.ways import ELSEWHERE, HOST, HTTP, MCP, ways

CALM = 1000


def test_every_boundary_waits_with_every_victim_until_it_was_met() -> None:
    never, known = armed(1, {})
    assert (set(never), known) == (set(turns()), [])
    at = {(kill.victim, kill.boundary) for kill in never}
    for name in ("mendwheel.open", "mendwheel.think", "mendwheel.write", "mendwheel.permit"):
        for moment in ("before", "after"):
            assert {(victim, f"{moment}:{name}") for victim in VICTIMS} <= at
    assert {("server", f"answering:{name}") for name in LETTERS} <= at
    assert {("worker", f"in-flight:{name}") for name in WRITES} <= at


def test_what_was_never_met_is_waited_for_first_and_then_what_was_met_least() -> None:
    often, once, *others = turns()
    met = {str(often): 9, str(once): 1}
    never, known = armed(3, met)
    assert set(never) == set(others)
    assert known == [once, often]


def test_the_remedies_of_four_seeds_are_carried_out_in_every_way() -> None:
    seen = [ways(seed) for seed in range(1, 5)]
    assert {way for each in seen for way in each.values()} == {HOST, ELSEWHERE, HTTP, MCP}
    for seed in range(1, 5):
        faults = {str(each["fault"]) for each in cast(seed).platform.values() if each["fault"]}
        assert faults == {"leak", "bad_release"}


def test_clocks_are_up_to_ten_minutes_off_either_way() -> None:
    off = [shift(seed, "worker", start) for seed in range(20) for start in range(20)]
    assert -600 <= min(off) < -500
    assert 500 < max(off) <= 600


def test_a_twentieth_of_writes_is_carried_out_without_an_answer_and_none_fails_for_ever() -> None:
    fates = Fates(seed=3)
    drawn = [fates.draw("write", f"chat.postMessage {number}", 0) for number in range(2000)]
    assert 0.05 * len(drawn) <= drawn.count("lost") <= 0.2 * len(drawn)
    assert {"in-flight", "timeout", "429", "503"} <= set(drawn)
    assert not any(fates.draw("write", f"chat.update {number}", 3) for number in range(CALM))


@pytest.mark.parametrize(("given", "seeds"), [("3", [1, 2, 3]), ("7,9", [7, 9]), ("7,", [7])])
def test_seeds_are_a_number_or_a_list(
    monkeypatch: pytest.MonkeyPatch, given: str, seeds: list[int]
) -> None:
    monkeypatch.setenv("SEEDS", given)
    assert faults.chosen() == seeds


def test_half_a_line_of_a_run_that_was_cut_off_is_no_result(tmp_path: Path) -> None:
    path = tmp_path / "faults.jsonl"
    path.write_text('{"seed": 1, "ours": {}}\n{"seed": 2, "ou')
    assert list(faults.kept(path)) == [1]


def test_what_is_missing_is_lost_and_what_is_there_twice_is_a_duplicate() -> None:
    counted = Counted()
    counted.count("card: a", 0)
    counted.count("card: b", 3)
    _no_key_twice(counted, [Written("slack:C1", "t/1/publish-asked-x/slack:C1", "Approve?")] * 2)
    assert (counted.lost, counted.duplicates) == (1, 3)
    assert len(counted.problems) == 3
