"""`mendwheel keys`: makes a file for nobody else, rotates it, and never shows a key."""

import json
import os
import re
import stat
import time
from pathlib import Path

import pytest

from mendwheel.cli.app import run
from mendwheel.cli.secret_checks import secret_files
from mendwheel.security import key_file
from mendwheel.security.payload_keys import PayloadKeyError, read
from mendwheel.settings import Settings

Out = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "payload.keys"


def keys(*arguments: str) -> int:
    return run(["keys", *arguments])


def test_new_makes_a_file_for_us_alone_and_leaves_it_the_second_time(
    file: Path, capsys: Out
) -> None:
    assert keys("new", "--file", str(file)) == 0
    first = file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys("new", "--file", str(file)) == 0
    assert file.read_bytes() == first
    said = capsys.readouterr()
    assert f"MENDWHEEL_PAYLOAD_KEYS_FILE={file}" in said.out
    assert "left as it is" in said.err or "left as it was" in said.err


def test_rotating_adds_a_key_that_writes_and_twice_a_day_does_nothing(
    file: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_file, "_today", lambda: "20260101")
    keys("new", "--file", str(file))
    monkeypatch.undo()
    [old] = read(file)
    assert keys("rotate", "--file", str(file)) == 0
    assert keys("rotate", "--file", str(file)) == 0
    assert "nothing was done" in capsys.readouterr().err
    new, kept = read(file)
    assert (new.role, kept.role, kept.key) == ("write", "read", old.key)
    assert keys("rotate", "--again", "--file", str(file)) == 0
    assert [each.role for each in read(file)] == ["write", "read", "read"]


def test_a_staged_key_reads_first_and_writes_after_the_rotation(file: Path) -> None:
    keys("new", "--file", str(file))
    keys("stage", "--file", str(file))
    keys("stage", "--file", str(file))
    first, staged = read(file)
    assert (first.role, staged.role) == ("write", "next")
    keys("rotate", "--file", str(file))
    assert [(each.id, each.role) for each in read(file)] == [
        (staged.id, "write"),
        (first.id, "read"),
    ]


def test_list_names_the_keys_and_no_command_shows_one(file: Path, capsys: Out) -> None:
    for action in ("new", "stage", "rotate", "list"):
        assert keys(action, "--file", str(file)) == 0
    assert keys("list", "--json", "--file", str(file)) == 0
    said = capsys.readouterr()
    found = json.loads(said.out[said.out.index("{") :])
    assert [each["role"] for each in found["keys"]] == ["write", "read"]
    for key in read(file):
        assert key.id in said.out
        assert key.key.hex() not in said.out + said.err
    assert not re.search(r"[0-9a-f]{64}", said.out + said.err)


def test_a_file_that_is_missing_or_others_may_read_is_one_line_with_the_way_out(
    file: Path, capsys: Out
) -> None:
    assert keys("list", "--file", str(file)) == 2
    assert "`mendwheel keys new` makes it" in capsys.readouterr().err
    keys("new", "--file", str(file))
    file.chmod(0o644)
    assert keys("rotate", "--file", str(file)) == 2
    assert "chmod 600" in capsys.readouterr().err


def test_two_rotations_at_once_lose_no_key(file: Path) -> None:
    key_file.make(file)
    lock = file.with_name("payload.keys.lock")
    lock.touch()
    with pytest.raises(PayloadKeyError, match="somebody is changing the keys"):
        key_file.rotate(file, again=True)
    before = time.time() - 3600
    os.utime(lock, (before, before))
    assert key_file.rotate(file, again=True) is not None, "a lock of a process that is gone"
    assert not lock.exists()


def test_doctor_warns_of_a_file_of_secrets_that_others_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, keys_of_models = tmp_path / "mendwheel.toml", tmp_path / "models.keys"
    keys_of_models.touch(0o644)
    file.touch(0o644)
    file.write_text('tenant = "acme"', "utf-8")
    routed = Settings(
        model="m", model_base_url="http://127.0.0.1:1/v1", model_keys=[f"file:{keys_of_models}"]
    )
    assert str(keys_of_models) in secret_files(routed).detail
    assert str(file) not in secret_files(routed).detail, "no secret stands in it"
    file.write_text('jira_token = "t"', "utf-8")
    assert secret_files(Settings.model_construct()).state == "warn"
    file.chmod(0o600)
    assert secret_files(Settings.model_construct()).state == "ok"
