"""What goes wrong is one line with the way out, and an exit code that says which kind it was."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mendwheel.cli import session
from mendwheel.cli.app import run

Said = Callable[[], str]


@pytest.fixture
def said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    """In a folder of its own, without a Temporal; returns the one line on stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", f"127.0.0.1:{_closed_port()}")

    def one_line() -> str:
        shown = capsys.readouterr()
        assert shown.out == ""
        [text] = shown.err.splitlines()
        assert text.startswith("mendwheel: ")
        return text

    return one_line


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    "command",
    [
        ["submit", "hi"],
        ["watch", "t"],
        ["show", "t"],
        ["approve", "t"],
        ["reject", "t"],
        ["answer", "t", "x"],
        ["reopen", "t"],
        ["cancel", "t"],
    ],
    ids=lambda command: command[0],
)
def test_without_temporal_a_command_says_how_to_start_it(said: Said, command: list[str]) -> None:
    assert run(command) == 6
    text = said()
    assert "mendwheel up" in text
    assert "MENDWHEEL_TEMPORAL_ADDRESS" in text


def test_a_server_that_accepts_and_never_answers_is_given_up(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CONNECT_WITHIN", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", address)
        before = time.monotonic()
        assert run(["cancel", "t"]) == 6
    assert time.monotonic() - before < 2
    assert address in said()


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:", "127.0.0.1:99999", "[::1]:x", ":"])
def test_an_address_that_is_none_is_named(
    said: Said, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", address)
    assert run(["cancel", "t"]) == 6
    assert address in said()


def test_an_unknown_setting_is_named(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENDWHEEL_TENNANT", "x")
    assert run(["list"]) == 2
    assert "MENDWHEEL_TENNANT" in said()


def test_a_file_that_is_no_store_is_named(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be read as one" * 20)
    monkeypatch.setenv("MENDWHEEL_STORE", "notes.txt")
    assert run(["why", "t"]) == 7
    assert "notes.txt" in said()


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (["sumbit"], "'submit'"),
        (["submit", "--bogus"], "`mendwheel submit --help`"),
        (["list", "--limit", "0"], "`mendwheel list --help`"),
        (["watch"], "`mendwheel watch --help`"),
    ],
)
def test_wrong_usage_points_at_the_help(said: Said, command: list[str], hint: str) -> None:
    assert run(command) == 2
    assert hint in said()


def test_ctrl_c_leaves_with_130_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mendwheel.cli.reasons.reasons", interrupted)
    assert run(["why", "t"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "value", "code", "says"),
    [
        ("MENDWHEEL_TENNANT", "x", 2, "did you mean 'MENDWHEEL_TENANT'?"),
        ("MENDWHEEL_TEMPORAL_ADDRESS", "127.0.0.1:1", 6, "set MENDWHEEL_TEMPORAL_ADDRESS"),
    ],
)
def test_the_worker_leaves_with_one_line_and_no_traceback(
    tmp_path: Path, name: str, value: str, code: int, says: str
) -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).parents[2] / "worker.py"],
        env=os.environ | {name: value},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    [line] = done.stderr.splitlines()
    assert (done.returncode, line.startswith("worker: ")) == (code, True)
    assert says in line


def test_a_mistake_of_ours_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mendwheel.cli.reasons.reasons", broken)
    with pytest.raises(ZeroDivisionError):
        run(["why", "t"])


def test_help_loads_neither_temporal_nor_models_nor_stores() -> None:
    code = (
        "import sys; from mendwheel.cli.app import run; run(['--help']);"
        "heavy = {'temporalio', 'openai', 'pydantic', 'sqlite_utils'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Exit codes" in done.stdout
