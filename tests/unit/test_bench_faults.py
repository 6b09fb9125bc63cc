"""The bench of kills: what it goes through, what it keeps, and that its zeros mean something."""

from pathlib import Path

import pytest

from bench import faults
from bench.faults.count import Counted, Written, _no_key_twice
from bench.faults.plan import LETTERS, VICTIMS, WRITES, Fates, armed, shift, turns

CALM = 1000


def test_seeds_together_go_through_every_boundary_with_every_victim() -> None:
    met = {kill for seed in range(1, 5) for kill in armed(seed)}
    assert met == set(turns())
    at = {(kill.victim, kill.boundary) for kill in met}
    for name in ("mendwheel.open", "mendwheel.publish", "mendwheel.conclude", "mendwheel.permit"):
        for moment in ("before", "after"):
            assert {(victim, f"{moment}:{name}") for victim in VICTIMS} <= at
    assert {("server", f"answering:{name}") for name in LETTERS} <= at
    assert {("worker", f"in-flight:{name}") for name in WRITES} <= at


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
