"""Alertmanager's deliveries over real HTTP: one ticket per group, and nothing is lost."""

import asyncio
import json
import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter

from mendwheel.domain.outcome import Outcome, OutcomeKind, Standing
from mendwheel.domain.ticket import Information
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import Reach
from mendwheel.integrations.server import BODY_LIMIT, build
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from tests.conftest import BIN

pytestmark = pytest.mark.server

TOKEN = "a-token-of-the-tests"


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]
    request_id: str


class Site:
    """A served app and a sender."""

    def __init__(self, port: int, client: Client, stores: Stores, settings: Settings) -> None:
        self.port = port
        self.stores = stores
        self.reach = Reach(client, settings)

    async def get(self, path: str) -> Answer:
        return await asyncio.to_thread(ask, self.port, path)

    async def post(self, what: object, token: str = TOKEN, **headers: str) -> Answer:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        headers["Authorization"] = f"Bearer {token}"
        return await asyncio.to_thread(ask, self.port, "/alerts", body, headers)

    async def informed(self, ticket: str) -> list[str]:
        """Texts of the information that the ticket's history holds."""
        history = await self.reach.handle(ticket).fetch_history()
        found = []
        for event in history.events:
            signalled = event.workflow_execution_signaled_event_attributes
            if signalled.signal_name == "inform":
                [said] = pydantic_data_converter.payload_converter.from_payloads(
                    signalled.input.payloads, [Information]
                )
                found.append(self.stores.artifacts.get(said.text))
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
        return Answer(answer.status, json.load(answer), answer.headers["X-Request-ID"])


@asynccontextmanager
async def served(client: Client, settings: Settings) -> AsyncIterator[Site]:
    """The app on a free port; patient, because a loaded machine is not what is tested."""
    stores = Stores(settings.store_path)
    with stores, socket.create_server(("127.0.0.1", 0)) as bound:
        app = build(
            Intake(client, stores, settings),
            Reach(client, settings),
            settings,
            stores,
            within=10.0,
        )
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        running = asyncio.ensure_future(server._serve(sockets=[bound]))
        try:
            yield Site(bound.getsockname()[1], client, stores, settings)
        finally:
            server.should_exit = True
            await running


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    return Settings.model_validate(settings.model_dump() | {"alerts_token": TOKEN})


@pytest.fixture
async def site(client: Client, guarded: Settings) -> AsyncIterator[Site]:
    config = client.config(active_config=True)
    config["data_converter"] = pydantic_data_converter
    async with served(Client(**config), guarded) as site:
        yield site


@pytest.fixture
def name() -> str:
    return f"group-{os.urandom(4).hex()}"


def alert(at: str, status: str = "firing", name: str = "HighErrorRate") -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": name, "service": "checkout"},
        "annotations": {"summary": "Checkout answers 502"},
        "startsAt": f"2026-03-01T{at}:00Z",
        "endsAt": "2026-03-01T20:00:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": name,
    }


def delivery(name: str, *alerts: dict[str, Any]) -> dict[str, Any]:
    firing = any(each["status"] == "firing" for each in alerts)
    status = "firing" if firing else "resolved"
    return {"version": "4", "groupKey": name, "status": status, "alerts": list(alerts)}


async def test_the_same_delivery_twice_is_one_ticket(site: Site, name: str) -> None:
    answers = [await site.post(delivery(name, alert("10:00"))) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    [ticket] = answers[0].body["tickets"]
    history = await site.reach.handle(ticket).fetch_history()
    deliveries = {
        str(event.workflow_execution_signaled_event_attributes.input)
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    }
    assert len(deliveries) == 1, "a redelivery has the id of the first"


async def test_deliveries_at_the_same_moment_are_one_ticket(site: Site, name: str) -> None:
    news = delivery(name, alert("10:00"), alert("10:05", name="Slow"))
    answers = await asyncio.gather(*(site.post(news) for _ in range(5)))
    assert {(answer.status, *answer.body["tickets"]) for answer in answers} == {
        (200, *answers[0].body["tickets"])
    }


async def test_resolved_is_told_to_the_running_ticket(site: Site, name: str) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    over = await site.post(delivery(name, alert("10:00", "resolved")))
    assert (over.status, over.body) == (200, {"tickets": [ticket], "became": "informed"})
    [text] = await site.informed(ticket)
    assert "Nothing of the group fires." in text


async def test_a_part_that_is_resolved_is_told_and_opens_no_second_ticket(
    site: Site, name: str
) -> None:
    both = delivery(name, alert("10:00"), alert("10:05", name="Slow"))
    [ticket] = (await site.post(both)).body["tickets"]
    part = delivery(name, alert("10:00", "resolved"), alert("10:05", name="Slow"))
    assert (await site.post(part)).body == {"tickets": [ticket], "became": "informed"}


async def test_a_closed_ticket_is_not_repeated_for_ever(site: Site, name: str) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    await site.reach.handle(ticket).terminate()
    over = await site.post(delivery(name, alert("10:00", "resolved")))
    assert (over.status, over.body["became"]) == (200, "nothing runs")
    again = await site.post(delivery(name, alert("10:00")))
    assert (again.status, again.body["became"]) == (200, "closed already")
    status = (await site.reach.handle(ticket).describe()).status
    assert status is WorkflowExecutionStatus.TERMINATED


async def test_resolved_does_not_revoke_an_answer_that_is_watched(site: Site, name: str) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    start = (await site.reach.handle(ticket).describe()).start_time
    site.stores.outcomes.save(
        Outcome(
            ticket_id=ticket,
            round=1,
            kind=OutcomeKind.HANDED_OVER,
            reason="see the runbook",
            started_at=start,
            ended_at=start,
        )
    )
    resolved = delivery(name, alert("10:00", "resolved"))
    over = await site.post(resolved)
    assert (over.status, over.body["tickets"]) == (200, [])
    assert await site.informed(ticket) == []
    # Once a person has reopened it, it works again and wants to know.
    site.stores.outcomes.settle(ticket, 1, Standing.REVOKED)
    assert (await site.post(resolved)).body["tickets"] == [ticket]


async def test_a_refire_after_it_was_resolved_is_another_ticket(site: Site, name: str) -> None:
    first = await site.post(delivery(name, alert("10:00")))
    await site.post(delivery(name, alert("10:00", "resolved")))
    second = await site.post(delivery(name, alert("21:00")))
    assert second.body["became"] == "ticket"
    assert second.body["tickets"] != first.body["tickets"]


@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN}x", "ä"])
async def test_a_wrong_token_opens_nothing(site: Site, name: str, token: str) -> None:
    answer = await site.post(delivery(name, alert("10:00")), token=token)
    assert answer.status == 401
    assert TOKEN not in str(answer.body)


async def test_a_body_over_the_limit_is_refused(site: Site) -> None:
    answer = await site.post(b" " * (BODY_LIMIT * 3))
    assert answer.status == 413
    assert "1,000,000 bytes" in answer.body["error"]


async def test_a_malformed_delivery_names_the_field_and_the_request(site: Site, name: str) -> None:
    bad = delivery(name, alert("10:00") | {"startsAt": "soon"})
    answer = await site.post(bad, **{"X-Request-ID": "am-1"})
    assert answer.status == 400
    assert answer.body["error"].startswith("alerts[0].startsAt: ")
    assert answer.body["request_id"] == answer.request_id == "am-1"
    assert (await site.post(b"{")).status == 400


async def test_a_hostile_request_id_is_replaced(site: Site) -> None:
    answer = await site.post(b"{", **{"X-Request-ID": "a b;<script>"})
    assert answer.request_id.isalnum()
    assert (await site.get("/nowhere")).status == 404


async def test_temporal_away_is_503_and_the_same_delivery_succeeds_later(
    client: Client, guarded: Settings, name: str
) -> None:
    host, _, target = client.service_client.config.target_host.rpartition(":")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lazy = await Client.connect(
        f"127.0.0.1:{port}", data_converter=pydantic_data_converter, lazy=True
    )
    async with served(lazy, guarded) as site:
        assert (await site.get("/readyz")).body == {"temporal": "away", "store": "ok"}
        assert (await site.get("/healthz")).status == 200
        away = await site.post(delivery(name, alert("10:00")))
        assert (away.status, "send it again" in away.body["error"]) == (503, True)
        async with forwarding(port, host, int(target)):
            later = await site.post(delivery(name, alert("10:00")))
            assert (later.status, later.body["became"]) == (200, "ticket")
            assert (await site.get("/readyz")).status == 200


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


async def test_serve_lives_without_temporal_and_ends_in_order(tmp_path: Path) -> None:
    # A port that is bound and does not listen: nothing can come to answer there meanwhile.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        process = await asyncio.create_subprocess_exec(
            BIN / "mendwheel",
            "serve",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "MENDWHEEL_LISTEN": "127.0.0.1:0",
                "MENDWHEEL_ALERTS_TOKEN": TOKEN,
                "MENDWHEEL_TEMPORAL_ADDRESS": f"127.0.0.1:{silent.getsockname()[1]}",
            },
        )
        try:
            assert process.stdout is not None
            line = await asyncio.wait_for(process.stdout.readline(), 20)
            port = int(line.decode().rpartition(":")[2])
            assert (await asyncio.to_thread(ask, port, "/healthz")).status == 200
            assert (await asyncio.to_thread(ask, port, "/readyz")).status == 503
            process.send_signal(signal.SIGTERM)
            _, said = await asyncio.wait_for(process.communicate(), 20)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert process.returncode == 0, said.decode()
    assert b"GET '/readyz' 503" in said
    assert TOKEN.encode() not in said
