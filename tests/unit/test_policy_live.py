"""A saved policy holds from the next question on; a broken one forbids everything."""

import os
from pathlib import Path

import pytest

from mendwheel.domain.approval import Course
from mendwheel.domain.remedy import Risk
from mendwheel.policy.evaluate import forbidden, judge
from mendwheel.policy.file import Given, PolicyError
from mendwheel.policy.live import LivePolicy


def save(path: Path, text: str, stamp: int) -> None:
    path.write_text(text, "utf-8")
    os.utime(path, ns=(stamp, stamp))


def test_a_saved_change_is_seen_and_a_file_that_stands_still_is_not_read_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "policy.toml"
    save(path, 'never_tools = ["a"]', 1_000)
    live = LivePolicy(path)
    first = live.load()
    assert live.load() is first
    save(path, 'never_tools = ["b"]', 2_000)
    assert live.load().never_tools == ["b"]


@pytest.mark.parametrize("text", ["mode = [", 'mode = "wild"', b"\xff\xfe"])
def test_a_broken_policy_fails_closed_and_heals(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "policy.toml"
    save(path, "", 1_000)
    live = LivePolicy(path)
    assert forbidden(live.now(), "restart") is None
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PolicyError):
        live.load()
    assert forbidden(live.now(), "restart") == "the kill switch is on"
    assert live.now().version.startswith("broken: ")
    save(path, "", 3_000)
    assert forbidden(live.now(), "restart") is None


def test_a_policy_that_fails_its_own_tests_fails_closed(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    test = 'name = "t"\ngiven = { tool = "x", risk = "low" }\nexpect = "act"\n'
    save(path, f"[[tests]]\n{test}", 1_000)
    assert LivePolicy(path).now().kill_switch


def test_a_missing_file_forbids_everything_and_is_named(tmp_path: Path) -> None:
    live = LivePolicy(tmp_path / "none.toml")
    assert live.now().kill_switch
    with pytest.raises(PolicyError, match=r"none\.toml cannot be read"):
        live.load()


def test_the_built_in_policy_holds_and_acts_on_nothing_unasked() -> None:
    policy = LivePolicy(None).load()
    for risk in Risk:
        judged = judge(policy, Given(tool="restart_service", risk=risk, confidence=0.99))
        assert judged.course is Course.ASK
    assert judge(policy, Given(tool="x", risk=Risk.HIGH)).needed == 2
    assert len(policy.tests) >= 4
