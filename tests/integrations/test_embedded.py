"""The embedded server: it serves when `start` returns, and no kill leaves a mess behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from mendwheel.contracts.names import NEEDS_APPROVAL, PHASE
from mendwheel.embedded import RETENTION, EmbeddedTemporal, EmbeddedUnavailable

pytestmark = pytest.mark.server

OWNER = """
import asyncio, sys
from pathlib import Path
from typing import Any
from mendwheel.embedded import EmbeddedTemporal

async def main():
    server = EmbeddedTemporal(Path(sys.argv[1]), ui=False, port=0)
    await server.start()
    print(server.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def _server(folder: Path, port: int = 0) -> EmbeddedTemporal:
    return EmbeddedTemporal(folder, ui=False, port=port)


def _owner(folder: Path, **environment: str) -> tuple[subprocess.Popen[str], int]:
    """Another process with a server on `folder`; returns it and the server's pid."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


def _kill(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.communicate()


def _gone(pid: int, within: float = 10.0) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


async def _start(client: Client, key: str) -> None:
    attributes: list[SearchAttributePair[Any]] = [
        SearchAttributePair(PHASE, "intake"),
        SearchAttributePair(NEEDS_APPROVAL, False),
    ]
    await client.start_workflow(
        "nobody.runs.this",
        id=key,
        task_queue="nobody",
        search_attributes=TypedSearchAttributes(attributes),
    )


async def test_started_server_takes_tickets_with_search_attributes_and_keeps_them_30_days(
    tmp_path: Path,
) -> None:
    async with _server(tmp_path) as server:
        client = await Client.connect(server.address)
        await _start(client, "first")
        found = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace="default")
        )
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    assert kept == RETENTION
    assert server.pid is None, "leaving the block stops the server"


async def test_tickets_survive_kill_of_the_server(tmp_path: Path) -> None:
    async with _server(tmp_path) as server:
        await _start(await Client.connect(server.address), "kept")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
    async with _server(tmp_path) as again:
        client = await Client.connect(again.address)
        found = await client.get_workflow_handle("kept").describe()
    assert found.status is WorkflowExecutionStatus.RUNNING


async def test_second_server_on_a_folder_in_use_is_refused_naming_its_owner(
    tmp_path: Path,
) -> None:
    async with _server(tmp_path) as first:
        with pytest.raises(EmbeddedUnavailable, match=f"process {os.getpid()}: stop it first"):
            await _server(tmp_path).start()
        assert first.pid is not None, "the refusal leaves the first one running"


async def test_taken_port_is_replaced_and_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        async with _server(tmp_path, port=taken) as server:
            assert server.address != f"127.0.0.1:{taken}"
            assert server.moved.startswith(f"port {taken} is taken, using ")
            await Client.connect(server.address)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of our death")
def test_server_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    owner, server = _owner(tmp_path)
    _kill(owner)
    assert _gone(server)


async def test_server_left_over_by_a_killed_owner_is_stopped_first(tmp_path: Path) -> None:
    # Without setpriv on the path nothing tells the server that its owner is gone.
    owner, left = _owner(tmp_path, PATH=str(Path(sys.executable).parent))
    _kill(owner)
    assert not _gone(left, within=0.3)
    async with _server(tmp_path) as server:
        assert server.recovered == f"stopped Temporal {left}, left over by process {owner.pid}"
        assert _gone(left, within=2)
        await Client.connect(server.address)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


async def test_process_that_got_a_dead_servers_number_is_left_alone(
    tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    text = f'{{"pid": 1, "server": {bystander.pid}}}'
    (tmp_path / "temporal.lock").write_text(text)
    async with _server(tmp_path) as server:
        assert server.recovered == ""
    assert bystander.poll() is None


async def test_missing_program_names_the_extra_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(EmbeddedUnavailable, match=r"pip install 'mendwheel\[embedded\]'"):
        await _server(tmp_path).start()


async def test_server_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").write_text("this is no database" * 100)
    with pytest.raises(EmbeddedUnavailable, match="not a database"):
        await _server(tmp_path).start()
