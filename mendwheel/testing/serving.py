"""Serves one side of a conversation on a real port, from a thread of its own.

A thread, because the code under test blocks: synchronous clients must be answered meanwhile.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_HOST = "127.0.0.1"
_START_WITHIN, _STOP_WITHIN = 10.0, 2.0
_transport: ContextVar[asyncio.Transport] = ContextVar("transport")


class Served:
    """Base of the sides: `with` or `async with` serves `app()`; `base_url` is known at once."""

    def __init__(self, port: int = 0) -> None:
        """Port 0 means any free one. Raises OSError: the port is taken."""
        self._socket = socket.create_server((_HOST, port))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self.closing = asyncio.Event()

    def app(self) -> ASGIApp:
        """What is served."""
        raise NotImplementedError

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://{_HOST}:{self.port}"

    def start(self) -> None:
        """Return when requests are answered. Raises RuntimeError: it does not come up."""
        self._thread.start()
        if not self._ready.wait(_START_WITHIN):
            raise RuntimeError(f"{type(self).__name__} does not come up on port {self.port}")

    def stop(self) -> None:
        """End what is held back, then the server; returns when its thread has ended."""
        if self._loop is None or self._server is None:
            self._socket.close()
            return
        self._loop.call_soon_threadsafe(self.closing.set)
        self._thread.join()

    def soon(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        """Run `work` in the side's own thread. Raises RuntimeError: it is not started."""
        if self._loop is None:
            work.close()
            raise RuntimeError(f"{type(self).__name__} is not started: use it in a `with` block")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def last_things(self) -> None:
        """Called in the side's thread before it ends."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        config = uvicorn.Config(
            self.app(),
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
        )
        self._server = _Server(config, self._ready.set, self.closing)
        await self._server.serve(sockets=[self._socket])
        await self.last_things()


class _Server(uvicorn.Server):
    """Leaves signals to whoever owns the process, says when it has started, ends when told."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], closing: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._tell = started
        self._closing = closing

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()

    async def main_loop(self) -> None:
        # Uvicorn looks every tenth of a second whether to end; a suite of tests would feel it.
        while not self._closing.is_set():
            # Renews the `Date` of answers, which a wait until a date is measured from.
            await self.on_tick(0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            _, late = await asyncio.wait(self.server_state.tasks, timeout=_STOP_WITHIN)
            for task in late:
                task.cancel()
        await asyncio.sleep(0)  # what was closed is told so


class _Protocol(H11Protocol):
    """Lets a response end the connection: nothing in ASGI can."""

    def data_received(self, data: bytes) -> None:
        _transport.set(self.transport)
        super().data_received(data)


class HangUp(Response):
    """No answer: the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _transport.get().close()
        while (await receive())["type"] != "http.disconnect":
            pass


async def caller_gone(request: Request, closing: asyncio.Event, within: float) -> None:
    """Return when whoever asks has given up, when `within` seconds are over, or at the end.

    The body must have been read.
    """
    gone = asyncio.ensure_future(_disconnected(request))
    end = asyncio.ensure_future(closing.wait())
    await asyncio.wait([gone, end], timeout=within, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    end.cancel()


async def pause(seconds: float, closing: asyncio.Event) -> None:
    """Sleep, but not past the end of the side."""
    try:
        async with asyncio.timeout(seconds):
            await closing.wait()
    except TimeoutError:
        return


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
