"""`mendwheel resolve` as a program: one row a ticket, whatever is killed on the way."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from mendwheel.batch.resolver import Resolver
from mendwheel.batch.tickets import BatchTicket
from mendwheel.embedded import EmbeddedTemporal
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

pytestmark = pytest.mark.server

MAIN = "from mendwheel.cli import main; main()"

KNOWLEDGE = [
    ("kettle-guide", "guide", "Descale a kettle", "Fill it with vinegar and boil it twice."),
    ("toaster-guide", "guide", "Clean a toaster", "Pull out the crumb tray and wipe it dry."),
    (
        "oven-runbook",
        "runbook",
        "OvenTooHot",
        "## Symptoms\n\nThe oven temperature is above its limit.\n\n"
        "## Steps\n\n1. Cut the gas supply.\n2. Open the oven door.",
    ),
]
TICKETS: list[dict[str, Any]] = [
    {"id": "kettle", "title": "How do I descale a kettle?", "body": "How do I descale a kettle?"},
    {
        "id": "oven",
        "title": "OvenTooHot is firing",
        "body": "The oven temperature is above its limit since 10:00.",
        "evidence": [{"name": "labels.json", "type": "alert", "text": '{"severity": "warning"}'}],
    },
    {
        "id": "evidence only",
        "evidence": [{"name": "oven.log", "type": "logs", "text": "ERROR oven: too hot"}],
        "candidates": {"services": ["oven"], "types": ["heat"]},
    },
]


def _lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("knowledge") / "kitchen.jsonl"
    fields = ("id", "kind", "title", "body")
    return _lines(path, [dict(zip(fields, row, strict=True)) for row in KNOWLEDGE])


class Sitting:
    """One use of the command, in a folder of its own."""

    def __init__(self, home: Path, tickets: Path, knowledge: Path) -> None:
        self.home = home
        self.out = home / "results.jsonl"
        self._command = [sys.executable, "-c", MAIN, "resolve", "--tickets", str(tickets)]
        self._command += ["--knowledge", str(knowledge), "--out", str(self.out), "--json"]

    def start(self, *more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, *more],
            env=os.environ | {"MENDWHEEL_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *more: str, expected: int = 0) -> tuple[dict[str, Any], str]:
        """The summary and what was said beside it."""
        process = self.start(*more)
        said, beside = process.communicate(timeout=60)
        assert process.returncode == expected, beside
        return json.loads(said), beside

    def finished(self) -> int:
        """Rows in the journal of the one batch."""
        found = list(self.home.glob("batch/*/finished.jsonl"))
        return found[0].read_bytes().count(b"\n") if found else 0

    def until(self, rows: int, process: subprocess.Popen[str]) -> None:
        while self.finished() < rows:
            assert process.poll() is None, "it ended before it could be stopped"
            time.sleep(0.005)

    def kill_all(self, process: subprocess.Popen[str]) -> None:
        """kill -9 of the server and of the process group with worker and command."""
        [lock] = self.home.glob("batch/*/temporal.lock")
        os.kill(json.loads(lock.read_text())["server"], signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


SittingOf = Callable[[str, list[dict[str, Any]]], Sitting]


@pytest.fixture
def sitting(tmp_path: Path, knowledge: Path) -> SittingOf:
    def make(name: str, tickets: list[dict[str, Any]]) -> Sitting:
        home = tmp_path / name
        home.mkdir()
        return Sitting(home, _lines(home / "tickets.jsonl", tickets), knowledge)

    return make


def _many(count: int) -> list[dict[str, Any]]:
    things = ("kettle", "toaster", "oven")
    bodies = [f"How do I clean the {things[n % 3]} in kitchen {n}?" for n in range(count)]
    return [{"id": f"t{n}", "title": body, "body": body} for n, body in enumerate(bodies)]


def test_one_row_a_ticket_in_order_and_a_rerun_only_rewrites_them(sitting: SittingOf) -> None:
    batch = sitting("once", TICKETS)
    summary, _ = batch.run()
    rows = _rows(batch.out)
    assert [next(iter(row)) for row in rows] == ["id"] * 3
    assert [row["id"] for row in rows] == [ticket["id"] for ticket in TICKETS]
    assert summary["completed_runs"] == summary["resolved_now"] == 3
    assert all(row["run_id"] and row["engine"] == "extractive" for row in rows)
    [kettle, oven, _] = rows
    assert kettle["doc_ids"][0] == "kettle-guide"
    assert oven["runbook_ids"][0] == "oven-runbook"
    batch.out.unlink()
    again, _ = batch.run()
    assert _rows(batch.out) == rows
    assert (again["completed_runs"], again["resolved_now"]) == (3, 0)


def test_poisoned_expectations_leave_every_row_unchanged(sitting: SittingOf) -> None:
    poison: dict[str, Any] = {
        "kind": "POISON",
        "expected": {"resolution": "POISON", "doc_ids": ["POISON"], "answer_text": "POISON"},
        "meta": {"group": "POISON"},
    }
    told: list[list[dict[str, Any]]] = []
    for name, more in (("clean", {}), ("poisoned", poison)):
        batch = sitting(name, [ticket | more for ticket in TICKETS])
        batch.run()
        assert b"POISON" not in batch.out.read_bytes()
        told.append([_without_run(row) for row in _rows(batch.out)])
    assert told[0] == told[1]


def _without_run(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("run_id", "seconds")}


def test_kill_of_everything_in_the_middle_loses_and_repeats_nothing(sitting: SittingOf) -> None:
    tickets = _many(24)
    batch = sitting("killed", tickets)
    process = batch.start("--parallel", "3")
    batch.until(4, process)
    batch.kill_all(process)
    before = batch.finished()
    assert 4 <= before < 24
    summary, _ = batch.run("--parallel", "3")
    rows = _rows(batch.out)
    assert [row["id"] for row in rows] == [ticket["id"] for ticket in tickets]
    assert not [row["error"] for row in rows if row["error"]]
    assert len({row["run_id"] for row in rows}) == summary["completed_runs"] == 24
    assert summary["resolved_now"] == 24 - before, "finished tickets are not run again"


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(sitting: SittingOf) -> None:
    batch = sitting("stopped", _many(200))
    process = batch.start("--parallel", "2")
    batch.until(3, process)
    process.send_signal(signal.SIGINT)
    _, beside = process.communicate(timeout=90)
    assert process.returncode == 130
    kept = _rows(batch.out.with_name("results.jsonl.partial"))
    assert 3 <= len(kept) < 200
    assert not batch.out.exists()
    assert "the same command again goes on from there" in beside


async def test_run_that_fails_gives_a_row_for_a_human_with_the_error(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, task_queue="nobody-works-here")
    with Stores(settings.store_path) as stores:
        async with EmbeddedTemporal(tmp_path, ui=False, port=0) as server:
            client = await Client.connect(server.address, data_converter=pydantic_data_converter)
            ticket = BatchTicket(id="lost", title="Is anybody there?")
            waiting = asyncio.create_task(Resolver(client, stores, settings).resolve(ticket))
            run = client.get_workflow_handle("mendwheel-default-batch-lost")
            while not [each async for each in client.list_workflows()]:
                assert not waiting.done()
            await run.terminate(reason="by hand")
            row = await waiting
    assert (row.id, row.outcome, row.run_failed) == ("lost", "escalate", True)
    assert row.error == "TerminatedError: by hand"
