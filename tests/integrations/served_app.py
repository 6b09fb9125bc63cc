"""The served app on a free port, and a sender over real HTTP."""

import asyncio
import json
import os
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import uvicorn
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from mendwheel.domain.outcome import OutcomeFact
from mendwheel.domain.ticket import Information
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.reach import Reach
from mendwheel.integrations.server import build
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

TOKEN = "a-token-of-the-tests"


class Answer(NamedTuple):
    status: int
    text: str
    request_id: str

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON object."""
        found: dict[str, Any] = json.loads(self.text)
        return found


class Site:
    """A served app and a sender."""

    def __init__(self, port: int, client: Client, stores: Stores, settings: Settings) -> None:
        self.port = port
        self.stores = stores
        self.reach = Reach(client, settings)

    async def get(self, path: str, **headers: str) -> Answer:
        return await asyncio.to_thread(ask, self.port, path, None, headers)

    async def post(
        self, what: object, token: str = TOKEN, path: str = "/alerts", **headers: str
    ) -> Answer:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        headers = {"Authorization": f"Bearer {token}"} | headers
        return await asyncio.to_thread(ask, self.port, path, body, headers)

    async def metrics(self) -> dict[str, float]:
        """Series → value; the labels in the order in which they were declared."""
        page = (await self.get("/metrics")).text
        lines = [line for line in page.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    async def informed(self, ticket: str) -> list[str]:
        """Texts of the information that the ticket's history holds."""
        return await self._signalled(ticket, "inform", Information)

    async def recovered(self, ticket: str) -> list[str]:
        """Texts of the facts that the ticket's history holds."""
        return await self._signalled(ticket, "observe", OutcomeFact)

    async def _signalled(
        self, ticket: str, name: str, kind: type[Information] | type[OutcomeFact]
    ) -> list[str]:
        history = await self.reach.handle(ticket).fetch_history()
        found = []
        for event in history.events:
            signalled = event.workflow_execution_signaled_event_attributes
            if signalled.signal_name == name:
                [said] = pydantic_data_converter.payload_converter.from_payloads(
                    signalled.input.payloads, [kind]
                )
                text = said.text if isinstance(said, Information) else said.detail
                assert text is not None
                found.append(self.stores.artifacts.get(text))
        return found


def ask(
    port: int, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers or {})
    try:
        answer = urllib.request.urlopen(request, timeout=20)  # noqa: S310 (our own server)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read().decode()
        return Answer(answer.status, text, answer.headers["X-Request-ID"])


@asynccontextmanager
async def served(
    client: Client, settings: Settings, *, within: float = 10.0
) -> AsyncIterator[Site]:
    """The app on a free port; patient, because a loaded machine is not what is tested."""
    stores = Stores(settings.store_path)
    with stores, socket.create_server(("127.0.0.1", 0)) as bound:
        app = build(Edge.over(client, stores, settings), within=within)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None))
        running = asyncio.ensure_future(server._serve(sockets=[bound]))
        try:
            yield Site(bound.getsockname()[1], client, stores, settings)
        finally:
            server.should_exit = True
            await running


def changed(settings: Settings, **changes: object) -> Settings:
    """Validated, as settings that were loaded are."""
    return Settings.model_validate(settings.model_dump() | changes)


def plain(client: Client) -> Client:
    """As the command line's: without the plugin, with its data converter."""
    config = client.config(active_config=True)
    config["data_converter"] = pydantic_data_converter
    return Client(**config)


@asynccontextmanager
async def forwarding(port: int, host: str, target: int) -> AsyncIterator[None]:
    """Temporal has come back: what arrives at `port` goes there."""
    pumps: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            return  # the other side has hung up, which ends this side too
        finally:
            writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, target)
        pumps.add(asyncio.ensure_future(pump(reader, far_writer)))
        pumps.add(asyncio.ensure_future(pump(far_reader, writer)))

    server = await asyncio.start_server(joined, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for each in pumps:
            each.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def fresh(prefix: str) -> str:
    """A name that no other test has."""
    return f"{prefix}-{os.urandom(4).hex()}"
