"""The command line against a real server and a real worker, as a person at a terminal uses it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from mendwheel.cli.app import run
from mendwheel.embedded_lock import FolderLock, Holder, stop_stale

pytestmark = pytest.mark.server

PATIENT = 60.0
"""Seconds for what happens sooner or later, however busy this machine is."""
PROGRAM = [
    sys.executable,
    "-c",
    f"from mendwheel.cli import main, session; session.CONNECT_WITHIN = {PATIENT}; main()",
]
GUIDE = """# Rotate an API key

## Rotate without downtime

To rotate an API key, create a second key, deploy it, then revoke the first key.
Both keys stay valid for 24 hours, so that nothing fails meanwhile.
"""
QUESTION = "How do I rotate an API key without downtime?"


class Up:
    """A `mendwheel up` in a folder of its own, which is over at the end whatever happens."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        home.mkdir(exist_ok=True)
        self.said = home / "up.out"
        with self.said.open("wb") as sink:
            self.process = subprocess.Popen(
                [*PROGRAM, "up", "--no-ui", *options], env=env(home), stdout=sink, stderr=sink
            )
        try:
            self._wait_until_it_is_up()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_it_is_up(self) -> None:
        end = time.monotonic() + PATIENT
        while not (self.home / "up.json").exists():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < end, self.said.read_text()
            time.sleep(0.05)

    @property
    def server(self) -> int:
        """Process id of the Temporal server."""
        lock = self.home / "temporal" / "temporal.lock"
        pid = Holder.model_validate_json(lock.read_bytes()).server
        assert pid is not None
        return pid

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENT)

    def stop(self) -> None:
        """Its server goes with it: on a port of others it would answer their commands."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENT)
        except subprocess.TimeoutExpired:
            folder = self.home / "temporal"
            holder = FolderLock(folder / "temporal.lock").holder()
            self.process.kill()
            self.process.wait()
            if holder and holder.server:
                stop_stale(holder.server, folder / "temporal.db")


def env(home: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if "MENDWHEEL" not in name}
    return clean | {"MENDWHEEL_HOME": str(home), "MENDWHEEL_USER": "ana"}


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def busy() -> Iterator[int]:
    """A port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, busy: int) -> Iterator[Up]:
    with Up(tmp_path_factory.mktemp("live") / "home", "--port", str(busy)) as started:
        yield started


@pytest.fixture(autouse=True)
def _beside(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in the home of the module's `up` unless a test names another."""
    monkeypatch.setenv("MENDWHEEL_HOME", str(up.home))
    monkeypatch.setenv("MENDWHEEL_USER", "ana")
    monkeypatch.setattr("mendwheel.cli.session.CONNECT_WITHIN", PATIENT)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """The document a command prints with --json."""

    def ask(*command: str) -> dict[str, Any]:
        capsys.readouterr()
        code = run([*command, "--json"])
        shown = capsys.readouterr()
        assert code == 0, shown.err
        found = json.loads(shown.out)
        assert isinstance(found, dict)
        return found

    return ask


Said = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ticket(up: Up, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An answered question."""
    docs = tmp_path_factory.mktemp("docs")
    (docs / "keys.md").write_text(GUIDE)
    learned = [*PROGRAM, "learn", str(docs)]
    subprocess.run(learned, env=env(up.home), check=True, capture_output=True)
    asked = [*PROGRAM, "submit", QUESTION, "--watch"]
    shown = subprocess.run(asked, env=env(up.home), check=True, capture_output=True, text=True)
    first, *steps = shown.stdout.splitlines()
    assert any("triage" in step for step in steps)
    assert any(step.startswith("outcome") for step in steps)
    return first


def test_a_taken_port_is_replaced_and_said(up: Up, busy: int) -> None:
    text = up.said.read_text()
    assert f"port {busy} is taken, using " in text
    assert json.loads((up.home / "up.json").read_text())["address"] in text


def test_a_second_up_says_so_and_ends_well(up: Up, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["up"]) == 0
    assert f"already running as process {up.process.pid}" in capsys.readouterr().out


def test_the_doctor_finds_nothing_wrong(up: Up, said: Said, ticket: str) -> None:
    states = {check["name"]: check["state"] for check in said("doctor")["checks"]}
    assert set(states.values()) == {"ok"}
    assert {"worker", "search attributes", "audit", "knowledge"} <= set(states)


def test_show_why_and_list_tell_the_same_story(ticket: str, said: Said) -> None:
    shown, why = said("show", ticket), said("why", ticket)
    [row] = [each for each in said("list")["tickets"] if each["ticket_id"] == ticket]
    kind = shown["outcome"]["kind"]
    assert (why["outcome"]["kind"], row["outcome"]) == (kind, kind)
    assert (shown["phase"], row["phase"], shown["missing"]) == ("watch", "watch", "")
    assert (shown["provisional"], row["standing"]) == (True, "provisional")
    assert shown["title"] == row["title"] == QUESTION
    assert [step["phase"] for step in shown["timeline"]][:2] == ["recall", "triage"]
    assert len(shown["thread"]) == 1
    assert why["language_model"] is False
    assert {cited["source"] for claim in why["claims"] for cited in claim["evidence"]} == {
        "keys.md"
    }


def test_a_decision_on_a_finished_ticket_is_refused(
    ticket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["approve", ticket]) == 5
    assert "nothing waits for this decision" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["show", "watch", "why", "approve", "reopen", "cancel"])
def test_an_unknown_ticket_is_not_found(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "mendwheel-default-cli-none"]) == 4
    [line] = capsys.readouterr().err.splitlines()
    assert "mendwheel-default-cli-none" in line


def test_a_reopened_ticket_goes_into_its_second_round(said: Said) -> None:
    ticket = said("submit", "The export fails since noon", "--key", "again")["ticket_id"]
    assert run(["watch", ticket]) == 0
    assert run(["reopen", ticket]) == 0
    end = time.monotonic() + PATIENT
    while said("show", ticket)["round"] != 2:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_without_a_worker_a_ticket_waits_and_can_be_seen(
    busy: int, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Up(tmp_path / "home", "--no-worker", "--port", str(busy)) as alone:
        monkeypatch.setenv("MENDWHEEL_HOME", str(alone.home))
        monkeypatch.setattr("mendwheel.cli.look.ASK_WITHIN", 0.5)
        ticket = said("submit", "Nobody works yet")["ticket_id"]
        shown = said("show", ticket)
        assert (shown["title"], shown["phase"]) == ("Nobody works yet", "intake")
        assert "no worker answers" in shown["missing"]
        watching = subprocess.Popen(
            [*PROGRAM, "watch", ticket],
            env=env(alone.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert watching.stderr is not None
            assert "no worker answers" in watching.stderr.readline()
            watching.send_signal(signal.SIGINT)
            _, rest = watching.communicate(timeout=PATIENT)
        finally:
            watching.kill()
            watching.wait()
        assert (watching.returncode, rest) == (130, "")
        assert alone.end(signal.SIGTERM) == 0
    assert "Traceback" not in alone.said.read_text()


def test_ctrl_c_ends_up_and_leaves_nothing_but_the_tickets(
    up: Up,
    ticket: str,
    said: Said,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = up.server
    # Else the commands would ask whoever has Temporal's own port on this machine.
    address = json.loads((up.home / "up.json").read_text())["address"]
    monkeypatch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", address)
    assert runs(server)
    assert up.end(signal.SIGINT) == 0
    assert not runs(server)
    assert not (up.home / "up.json").exists()
    assert "Traceback" not in up.said.read_text()
    shown = said("show", ticket)
    assert shown["outcome"] is not None
    assert "not reachable" in shown["missing"]
    assert run(["cancel", ticket]) == 6
    assert "mendwheel up" in capsys.readouterr().err
