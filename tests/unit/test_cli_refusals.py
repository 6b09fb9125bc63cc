"""Wrong input is refused in one line that names it and the way out, before any work is done."""

from pathlib import Path

import pytest

from mendwheel.cli.app import run


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("keys", "Choose from: new, stage, rotate, list: see `mendwheel keys --help`"),
        ("keys sell", "'action': 'sell' is not one of 'new'"),
        ("label none.jsonl", "none.jsonl: No such file or directory: check"),
        ("label empty.jsonl", "empty.jsonl is empty: give one JSON object a line"),
        ("resolve --tickets one.jsonl --knowledge . --out .", "'--out': file '.' is a directory"),
        ("backtest --tickets one.jsonl --out .", "'--out': file '.' is a directory"),
        ("resolve --tickets one.jsonl --knowledge . --out o", "no ticket: line 1: id: field req"),
        ("resolve --tickets empty.jsonl --knowledge . --out o", "no ticket: it is empty, give"),
        ("backtest --tickets one.jsonl", "no past issue: line 1: id: field required"),
        ("conformance --app example", "'--app': needs http:// or https:// and a host"),
    ],
)
def test_wrong_input_is_refused_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.jsonl").write_text('{"title": "Exports fail"}\n')
    (tmp_path / "empty.jsonl").touch()
    assert run(command.split()) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("mendwheel: ")
    assert says in line


def test_a_password_in_the_address_of_an_app_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["conformance", "--app", "http://ada:hunter2@h"]) == 2
    said = capsys.readouterr().err
    assert "holds a password" in said
    assert "hunter2" not in said
