"""What `make run` promises a newcomer: five rows, five good outcomes, exit 0, nothing left over."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]


def play(folder: Path, seed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "examples/lanternpost/run.py"],
        cwd=folder,
        env=os.environ | {"SEED": seed},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("seed", ["", "2"], ids=["default", "another cast"])
def test_five_tickets_come_out_as_they_should(tmp_path: Path, seed: str) -> None:
    done = play(tmp_path, seed)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = dict(re.findall(r"\((\w+)\)\s+│[^│]+│\s+(\w+)\s+│", done.stdout))
    assert rows == {
        "question": "answered",
        "unanswerable": "handed_over",
        "anomaly": "fixed",
        "duplicate": "duplicate",
        "hostile": "handed_over",
    }
    assert "deciding as demo-approver" in done.stdout
    assert (
        len(re.findall(r"http://127\.0\.0\.1:\d+/namespaces/default/workflows/", done.stdout)) == 5
    )
    platform = json.loads((tmp_path / ".mendwheel/demo/platform.json").read_text("utf-8"))
    assert all(service["healthy"] for service in platform.values())
    assert not (tmp_path / ".mendwheel/demo/up.json").exists()


def test_a_seed_that_is_no_number_is_named(tmp_path: Path) -> None:
    done = play(tmp_path, "seven")
    assert done.returncode != 0
    assert "SEED=seven is not a number" in done.stderr
