"""A stage for each scenario: see tests/workflows/stage.py."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.testing.board import InMemoryBoard
from tests.replay.scenarios import WINDOW
from tests.workflows.stage import Stage, own_settings, staged
from tests.workflows.tickets import set_state_file


@pytest.fixture
async def stage(
    client: Client,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)
    settings = own_settings(tmp_path, request.node.name, watch_window=WINDOW)
    boards = {"slack": InMemoryBoard(), "jira": InMemoryBoard()}
    async with staged(client, settings, boards=boards) as stage:
        yield stage
