"""The command line beside a running stage, for tests of what operators do."""

import asyncio
import json
from typing import Any

import pytest

from mendwheel.cli.app import run
from mendwheel.cli.exits import Exit
from tests.workflows.stage import Stage


class Terminal:
    """The command line, beside a running stage."""

    def __init__(
        self,
        stage: Stage,
        patch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self._patch = patch
        self._capsys = capsys
        self._address = stage.client.service_client.config.target_host
        patch.setenv("MENDWHEEL_HOME", str(stage.settings.home))
        patch.setenv("MENDWHEEL_USER", "ada")

    async def __call__(self, *words: str, address: str = "") -> tuple[int, str]:
        self._patch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", address or self._address)
        self._capsys.readouterr()
        code = await asyncio.to_thread(run, [*words])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    async def json(self, *words: str) -> dict[str, Any]:
        self._patch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", self._address)
        self._capsys.readouterr()
        assert await asyncio.to_thread(run, [*words, "--json"]) == Exit.OK
        return dict(json.loads(self._capsys.readouterr().out))

    def set(self, name: str, value: str) -> None:
        """A setting of the commands to come."""
        self._patch.setenv(name, value)
