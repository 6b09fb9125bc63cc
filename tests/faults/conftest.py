"""A stage for each test: see tests/workflows/stage.py."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.settings import Settings
from tests.faults.endpoint import Endpoint
from tests.workflows.stage import Stage, own_settings, staged
from tests.workflows.tickets import set_state_file


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    return own_settings(tmp_path, request.node.name)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
async def stage(client: Client, settings: Settings) -> AsyncIterator[Stage]:
    async with staged(client, settings) as stage:
        yield stage
