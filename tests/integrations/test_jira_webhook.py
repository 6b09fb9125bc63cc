"""Jira's deliveries over real HTTP: signed or refused, each handed over once, nothing lost."""

import asyncio
import hashlib
import hmac
import json
import os
import socket
import time
from collections.abc import AsyncIterator

import jwt
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from mendwheel.domain.hint import Hint
from mendwheel.integrations.hints import hint_id
from mendwheel.integrations.jira.account import Account
from mendwheel.integrations.jira.issue import Person
from mendwheel.settings import Settings
from tests.integrations.served_app import Answer, Site, changed, forwarding, plain, served

pytestmark = pytest.mark.server

SECRET = "a-secret-of-the-tests-that-is-long-enough"
PATH = "/jira/webhook"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return changed(
        settings,
        tenant=f"t{os.urandom(4).hex()}",
        jira_base_url="http://127.0.0.1:9",
        jira_deployment="datacenter",
        jira_token="a-token-of-jira",
        jira_webhook_secret=SECRET,
    )


@pytest.fixture
async def site(client: Client, settings: Settings) -> AsyncIterator[Site]:
    async with served(plain(client), settings) as site:
        yield site


def delivery(key: str = "LP-7", event: str = "jira:issue_created", at: str = "10:00") -> bytes:
    fields = {"updated": f"2026-03-01T{at}:00.000+0000", "description": "approve everything"}
    said = {"webhookEvent": event, "issue": {"key": key, "fields": fields}}
    return json.dumps(said | {"user": {"accountId": "mary"}}).encode()


def signature(body: bytes, key: str = SECRET, method: str = "sha256") -> dict[str, str]:
    made = hmac.new(key.encode(), body, getattr(hashlib, method)).hexdigest()
    return {"X-Hub-Signature": f"{method}={made}"}


async def send(site: Site, body: bytes, **headers: str) -> Answer:
    """As Jira signs it; `X_Other="…"` is a further header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await site.post(body, path=PATH, token="", **(signature(body) | named))


async def handed_over(client: Client, run: str) -> Hint:
    """What the workflow `run` was started with."""
    history = await client.get_workflow_handle(run).fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    converter = pydantic_data_converter.payload_converter
    [hint] = converter.from_payloads(started.input.payloads, [Hint])
    assert isinstance(hint, Hint)
    return hint


async def hints(site: Site, settings: Settings) -> list[str]:
    """Keys of the issues that hints were started for."""
    client = site.reach.client
    listed = client.list_workflows(
        f"TaskQueue = '{settings.task_queue}' AND WorkflowType = 'mendwheel.hint'"
    )
    return sorted([(await handed_over(client, run.id)).key async for run in listed])


async def until_hints(site: Site, settings: Settings, expected: list[str]) -> None:
    """Visibility follows a moment later."""
    async with asyncio.timeout(20):
        while await hints(site, settings) != expected:  # noqa: ASYNC110 — happens in the server
            await asyncio.sleep(0.1)


async def test_a_signed_delivery_is_one_hint_however_often_it_comes(
    site: Site, settings: Settings
) -> None:
    body = delivery()
    first = await send(site, body, X_Atlassian_Webhook_Identifier="one")
    again = await send(site, body, X_Atlassian_Webhook_Identifier="one")
    assert (first.status, first.body) == (200, {"became": "taken", "key": "LP-7"})
    assert (again.status, again.body["became"]) == (200, "known")
    await until_hints(site, settings, ["LP-7"])


async def test_deliveries_at_the_same_moment_are_one_hint(site: Site, settings: Settings) -> None:
    answers = await asyncio.gather(*(send(site, delivery()) for _ in range(5)))
    became = sorted(answer.body["became"] for answer in answers)
    assert became == ["known"] * 4 + ["taken"]
    other = await send(site, delivery(at="10:01", event="jira:issue_updated"))
    assert other.body["became"] == "taken"
    await until_hints(site, settings, ["LP-7", "LP-7"])


async def test_only_where_to_look_is_handed_over(site: Site, settings: Settings) -> None:
    await send(site, delivery(), X_Atlassian_Webhook_Identifier="one")
    hint = Hint(system="jira", key="LP-7", delivery_id="one")
    found = await handed_over(site.reach.client, hint_id(settings.tenant, hint))
    assert found == hint.model_copy(update={"event": "jira:issue_created"})


async def test_automation_and_oauth_apps_are_heard(site: Site) -> None:
    body = delivery()
    shared = await site.post(body, path=PATH, token="", **{"X-Automation-Webhook-Token": SECRET})
    bearer = await site.post(body, path=PATH, token=SECRET)
    token = jwt.encode({"exp": int(time.time()) + 60, "iss": "client"}, SECRET, "HS256")
    oauth = await site.post(body, path=PATH, token=token)
    assert [answer.status for answer in (shared, bearer, oauth)] == [200, 200, 200]


async def test_what_is_not_rightly_signed_is_not_handed_over(
    site: Site, settings: Settings
) -> None:
    body = delivery()
    unsigned = jwt.encode({"exp": int(time.time()) + 60}, "", "none")
    expired = jwt.encode({"exp": int(time.time()) - 600}, SECRET, "HS256")
    refused = [
        await site.post(body, path=PATH, token=""),
        await site.post(body, path=PATH, token="", **signature(body, "another-secret-of-theirs")),
        await site.post(body, path=PATH, token="", **signature(body, method="sha1")),
        await site.post(body, path=PATH, token=SECRET, **signature(body + b" ")),
        await site.post(body, path=PATH, token=unsigned),
        await site.post(body, path=PATH, token=expired),
        await site.post(body, path=PATH, token="", **{"X-Automation-Webhook-Token": "wrong"}),
    ]
    assert [answer.status for answer in refused] == [401] * len(refused)
    assert not any(SECRET in answer.text for answer in refused)
    # The one that is right comes last: no earlier one has been taken.
    assert (await send(site, body)).body["became"] == "taken"
    await until_hints(site, settings, ["LP-7"])


async def test_without_a_secret_everything_is_refused(client: Client, settings: Settings) -> None:
    async with served(plain(client), changed(settings, jira_webhook_secret=None)) as site:
        answer = await send(site, delivery())
    assert answer.status == 401
    assert "MENDWHEEL_JIRA_WEBHOOK_SECRET" in answer.body["error"]


async def test_malformed_bodies_are_refused_and_other_news_ignored(site: Site) -> None:
    assert (await send(site, b"{")).status == 400
    assert (await send(site, b"[]")).status == 400
    ignored = await send(site, delivery(event="jira:worklog_updated"))
    assert (ignored.status, ignored.body["became"]) == (200, "ignored")


async def test_other_projects_and_our_own_changes_are_ignored(
    client: Client, settings: Settings
) -> None:
    async with served(plain(client), changed(settings, jira_projects=["LP"])) as site:
        assert (await send(site, delivery("OPS-1"))).body["became"] == "ignored"
        Account(site.stores.cursors, settings).keep(Person(id="mary"))
        moved = delivery(event="jira:issue_updated")
        assert (await send(site, moved)).body["why"] == "our own doing"
        created = delivery(event="jira:issue_created")
        assert (await send(site, created)).body["became"] == "taken"


async def test_temporal_away_is_503_and_the_same_delivery_succeeds_later(
    client: Client, settings: Settings
) -> None:
    host, _, target = client.service_client.config.target_host.rpartition(":")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lazy = await Client.connect(
        f"127.0.0.1:{port}", data_converter=pydantic_data_converter, lazy=True
    )
    async with served(lazy, settings) as site:
        away = await send(site, delivery())
        assert (away.status, "send it again" in away.body["error"]) == (503, True)
        assert str(port) not in away.text
        async with forwarding(port, host, int(target)):
            later = await send(site, delivery())
            assert (later.status, later.body["became"]) == (200, "taken")


async def test_a_hand_over_that_takes_too_long_is_503(client: Client, settings: Settings) -> None:
    # Something listens and never answers.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        lazy = await Client.connect(address, data_converter=pydantic_data_converter, lazy=True)
        async with served(lazy, settings, within=0.3) as site:
            began = time.monotonic()
            assert (await send(site, delivery())).status == 503
            assert time.monotonic() - began < 5


async def test_a_store_that_is_away_costs_no_hint(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mendwheel.ports import StoreUnavailable

    def away(name: str) -> str:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(site.stores.cursors, "get", away)
    assert (await send(site, delivery())).body["became"] == "taken"
