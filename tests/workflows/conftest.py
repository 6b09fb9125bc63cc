"""A stage for each test: see `stage.py`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.settings import Settings
from tests.workflows.stage import Stage, own_settings, staged
from tests.workflows.terminal import Terminal
from tests.workflows.tickets import set_state_file


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    return own_settings(tmp_path, request.node.name)


@pytest.fixture
async def stage(client: Client, settings: Settings) -> AsyncIterator[Stage]:
    async with staged(client, settings) as stage:
        yield stage


@pytest.fixture
async def watching(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage whose outcomes are watched for an hour."""
    settings = own_settings(tmp_path, request.node.name, watch_window=3600.0)
    async with staged(client, settings) as stage:
        yield stage


@pytest.fixture
def terminal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    return Terminal(stage, monkeypatch, capsys)
