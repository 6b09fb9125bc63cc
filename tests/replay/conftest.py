"""A platform of its own for each scenario: see `scenarios.py`."""

from pathlib import Path

import pytest

from tests.workflows.tickets import set_state_file


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)
