"""A Temporal server of our own for one machine, so that a ticket needs nothing else installed."""

import asyncio
import contextlib
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from mendwheel.contracts.names import SEARCH_ATTRIBUTES
from mendwheel.embedded_lock import FolderLock, Holder, stop_stale
from mendwheel.embedded_process import HOST, EmbeddedUnavailable, find_binary, free_port, launch
from mendwheel.integrations.namespace import register_search_attributes

__all__ = ["EmbeddedTemporal", "EmbeddedUnavailable"]

RETENTION = timedelta(days=30)
"""How long closed tickets stay readable; the dev server's own default is one day."""
START_WITHIN = 30.0
STOP_WITHIN = 10.0
_TRIES = 3


class EmbeddedTemporal:
    """The `temporal` dev server on a database file in `folder`, as a child of this process.

    Use it as an async context manager, or call `start` and `stop`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ui: bool = True,
        port: int = 7233,
        ui_port: int = 8233,
        namespace: str = "default",
    ) -> None:
        """Port 0 means any free one; a taken port is replaced, and `moved` says so."""
        self._folder = folder.absolute()
        self._ui = ui
        self._wanted = (port, ui_port)
        self._port, self._ui_port = port, ui_port
        self._namespace = namespace
        self._lock = FolderLock(self._folder / "temporal.lock")
        self._process: subprocess.Popen[bytes] | None = None
        self.recovered = ""
        """One sentence when a server left over by a killed process was stopped first."""

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"{HOST}:{self._port}"

    @property
    def ui_url(self) -> str | None:
        return f"http://{HOST}:{self._ui_port}" if self._ui else None

    @property
    def moved(self) -> str:
        """One sentence when a wanted port was taken; empty otherwise."""
        pairs = [(self._wanted[0], self._port)]
        if self._ui:
            pairs.append((self._wanted[1], self._ui_port))
        return "; ".join(f"port {a} is taken, using {b}" for a, b in pairs if a not in (0, b))

    @property
    def pid(self) -> int | None:
        """Process id of the server; None when it does not run."""
        alive = self._process is not None and self._process.poll() is None
        return self._process.pid if alive and self._process else None

    @property
    def database(self) -> Path:
        return self._folder / "temporal.db"

    async def start(self) -> None:
        """Return when the server takes tickets.

        Raises:
            EmbeddedUnavailable: no binary, folder in use, or it does not come up within 30 s.
        """
        binary = find_binary()
        self._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self._take_folder)
        try:
            async with asyncio.timeout(START_WITHIN):
                await self._prepare(await self._launch(binary))
        except TimeoutError:
            self._kill()
            raise EmbeddedUnavailable(
                f"Temporal did not come up within {START_WITHIN:.0f} s: {self._last_words()}"
            ) from None
        except BaseException:
            self._kill()
            raise

    async def stop(self) -> None:
        """Stop the server; tickets go on where they were when it starts again."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, STOP_WITHIN)
        self._kill()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _take_folder(self) -> None:
        try:
            left = self._lock.take()
        except OSError as error:
            holder = self._lock.holder()
            who = f"process {holder.pid}" if holder else "another process"
            raise EmbeddedUnavailable(
                f"{self._folder} has a Temporal run by {who}: stop it first, or use another home "
                f"({error.strerror or error})"
            ) from None
        if left and left.server and stop_stale(left.server, self.database):
            self.recovered = f"stopped Temporal {left.server}, left over by process {left.pid}"

    async def _launch(self, binary: str) -> Client:
        """Start the process until one keeps its ports; another program may be quicker to one."""
        for attempt in range(_TRIES):
            wanted = self._wanted if attempt == 0 else (0, 0)
            self._port, self._ui_port = (free_port(port) for port in wanted)
            self._process = self._spawn(binary)
            self._lock.write(Holder(pid=os.getpid(), server=self._process.pid))
            client = await self._serving(self._process)
            if client is not None:
                return client
        raise EmbeddedUnavailable(f"Temporal stops at once: {self._last_words()}")

    def _spawn(self, binary: str) -> subprocess.Popen[bytes]:
        options = ["--port", str(self._port), "--db-filename", str(self.database)]
        options += ["--ui-port", str(self._ui_port)] if self._ui else ["--headless"]
        if self._namespace != "default":
            options += ["--namespace", self._namespace]
        return launch(binary, options, self._folder / "temporal.log")

    async def _serving(self, process: subprocess.Popen[bytes]) -> Client | None:
        """A client once the namespace answers; None when the process has ended."""
        request = DescribeNamespaceRequest(namespace=self._namespace)
        while process.poll() is None:
            # RuntimeError is what connecting raises while nobody listens yet.
            with contextlib.suppress(RPCError, RuntimeError):
                client = await Client.connect(self.address, namespace=self._namespace)
                await client.workflow_service.describe_namespace(request)
                if process.poll() is None:
                    return client
            await asyncio.sleep(0.05)
        return None

    async def _prepare(self, client: Client) -> None:
        await _keep_closed(client)
        await register_search_attributes(client)
        known = " AND ".join(f"{key.name} IS NULL" for key in SEARCH_ATTRIBUTES)
        while True:
            # The frontend refuses unknown names in queries and in starts alike.
            with contextlib.suppress(RPCError):
                await client.count_workflows(known)
                return
            await asyncio.sleep(0.05)

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            self._process.wait()
        self._lock.release()

    def _last_words(self) -> str:
        log = self._folder / "temporal.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return f"{' | '.join(lines[-3:]) or 'it wrote nothing'} (see {log})"


async def _keep_closed(client: Client) -> None:
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    if found.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION:
        return
    wanted = Duration()
    wanted.FromTimedelta(RETENTION)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=wanted),
        )
    )
