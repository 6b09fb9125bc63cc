"""`mendwheel policy`: a file's own tests one by one, and whom it would ask."""

import json
from pathlib import Path

import pytest

from mendwheel.cli.app import run

FILE = """
[approvers]
default = ["ada", "group:ops"]
[groups]
ops = ["grace", "slack-group:S0OPS"]
[[delegations]]
from = "ada"
to = "linus"
until = 2099-12-24T18:00:00Z
tool = ["restart_*"]
[[delegations]]
from = "ada"
to = "mallory"
until = 2020-12-24T18:00:00Z
[[tests]]
name = "it asks"
given = { tool = "x", risk = "low" }
expect = "ask"
[[decision_tests]]
name = "the requester is refused"
given = { tool = "x", risk = "low" }
by = "ada"
requester = "ada"
expect = "reported it"
"""
BAD = """
[[decision_tests]]
name = "anybody decides"
given = { tool = "x", risk = "low" }
by = "mallory"
groups = { "slack-group:S0OPS" = [] }
expect = "allowed"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "policy.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_each_test_of_the_file_is_told_with_its_verdict(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["policy", "test", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ok    it asks: ask",
        "ok    the requester is refused: ada reported it and cannot approve it alone",
        f"2 of 2 tests pass in {file}",
    ]


def test_a_test_that_fails_is_told_with_what_was_expected(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(FILE + BAD, "utf-8")
    assert run(["policy", "test", str(file)]) == 1
    said = capsys.readouterr().out
    assert "FAIL  anybody decides: mallory may not decide this; expected allowed" in said
    assert run(["policy", "test", str(file), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], [each["passed"] for each in told["tests"]]) == (False, [True, True, False])


def test_without_a_file_the_policy_in_force_is_tried(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["policy", "test"]) == 0
    assert "tests pass in the built-in policy" in capsys.readouterr().out
    monkeypatch.setenv("MENDWHEEL_POLICY", str(file))
    assert run(["policy", "test"]) == 0
    assert f"2 of 2 tests pass in {file}" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["mode = [", 'mode = "wild"'])
def test_a_file_that_is_no_policy_is_one_line_and_exit_code_2(
    file: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text, "utf-8")
    assert run(["policy", "test", str(file)]) == 2
    assert capsys.readouterr().err.startswith(f"mendwheel: {file}")
    assert run(["policy", "show", str(file.with_name("none.toml"))]) == 2


def test_whom_it_would_ask_is_shown_with_groups_delegations_and_what_is_not_known(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["policy", "show", str(file)]) == 0
    told = capsys.readouterr()
    assert "ada, group:ops" in told.out
    assert "ada, grace" in told.out
    assert "linus for ada until 2099-12-24 18:00 UTC, only restart_*" in told.out
    assert "mallory" not in told.out
    assert "slack-group:S0OPS is not looked up" in told.err
    assert run(["policy", "show", str(file), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["asks"] == [
        {"for": "default", "names": ["ada", "group:ops"], "people": ["ada", "grace"]}
    ]
    assert list(shown["not_looked_up"]) == ["slack-group:S0OPS"]
