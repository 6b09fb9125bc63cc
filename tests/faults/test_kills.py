"""The bench of kills in short: one seed, the suite and its baseline, counted at both sides."""

from pathlib import Path
from typing import Any

import pytest

from bench import faults

STORM = 45.0
"""Seconds of killing; then all of it may come to an end."""


@pytest.fixture(scope="module")
async def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path: Path = tmp_path_factory.mktemp("faults") / "results.jsonl"
    await faults.go_through([7], path, storm=STORM)
    return faults.kept(path)[7]


@pytest.mark.timeout(400)
async def test_whoever_is_killed_wherever_nothing_is_lost_and_nothing_happens_twice(
    result: dict[str, Any],
) -> None:
    ours = result["ours"]
    assert ours["problems"] == []
    assert ours["troubles"] == []
    assert (ours["lost"], ours["duplicates"]) == (0, 0)
    assert ours["tickets"] == 8


async def test_it_was_killed_and_lied_to_and_plain_retries_do_not_stand_that(
    result: dict[str, Any],
) -> None:
    ours, baseline = result["ours"], result["baseline"]
    assert sum(ours["kills"].values()) >= 3
    assert ours["answers_lost"] >= 0.05 * ours["writes"]
    assert baseline["duplicates"] + baseline["lost"] > 0
