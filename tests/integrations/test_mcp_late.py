"""An MCP server that comes up after the worker: its listed, pinned writes are offered then."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from mendwheel.domain.looking import McpServer, McpWrite
from mendwheel.house import House
from mendwheel.integrations.senses import mcp_late
from mendwheel.integrations.senses.mcp_sense import McpSense
from mendwheel.settings import Settings
from tests.integrations.served_app import free_port
from tests.workflows.stage import eventually

STAND = str(Path(__file__).with_name("mcp_stand.py"))


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    server = McpServer(name="s", command=sys.executable, args=[STAND])
    return {each.tool: each.pin for each in McpSense(server, {}).tools()}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_late, "FIRST", 0.1)
    monkeypatch.setattr(mcp_late, "LONGEST", 0.2)


@contextmanager
def up(port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, STAND, "http", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def opened(folder: Path, port: int, **writes: str) -> AsyncIterator[House]:
    server = McpServer(
        name="s",
        url=f"http://127.0.0.1:{port}/mcp",
        writes=[McpWrite(tool=tool, pin=pin) for tool, pin in writes.items()],
    )
    house = House(Settings(home=folder, mcp_servers=[server]))
    await house.open()
    try:
        yield house
    finally:
        await house.close()


def asking() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "mcp late"]


async def no_longer_asking() -> None:
    async def over() -> bool:
        return not asking()

    await eventually(over)


async def test_what_is_listed_and_pinned_is_offered_once_the_server_answers_and_nothing_else(
    tmp_path: Path, pins: dict[str, str]
) -> None:
    port, other = free_port(), f"sha256:{'0' * 64}"
    async with opened(tmp_path, port, scale=pins["scale"], restart=other) as house:
        await asyncio.sleep(0.5)
        assert house.registry.specs() == []
        with up(port):
            await no_longer_asking()
        [spec] = house.registry.specs()
        assert (spec.name, spec.always_asked) == ("s.scale", True)


async def test_a_server_that_is_there_is_not_asked_again(
    tmp_path: Path, pins: dict[str, str]
) -> None:
    port = free_port()
    with up(port):
        async with opened(tmp_path / "first", port, scale=pins["scale"]):
            await no_longer_asking()
        async with opened(tmp_path / "second", port, scale=pins["scale"]) as house:
            assert [spec.name for spec in house.registry.specs()] == ["s.scale"]
            assert asking() == []


async def test_a_worker_that_ends_asks_no_more(tmp_path: Path, pins: dict[str, str]) -> None:
    async with opened(tmp_path, free_port(), scale=pins["scale"]):
        assert len(asking()) == 1
    await no_longer_asking()


async def test_without_servers_nothing_waits(tmp_path: Path) -> None:
    house = House(Settings(home=tmp_path))
    await house.open()
    assert asking() == []
    await house.close()
