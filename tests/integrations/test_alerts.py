"""Alertmanager's deliveries over real HTTP: one ticket per group, told each thing once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter

from mendwheel.domain.place import PlaceRule
from mendwheel.settings import Settings
from tests.integrations.served_app import (
    TOKEN,
    Site,
    changed,
    forwarding,
    free_port,
    fresh,
    plain,
    served,
)

pytestmark = pytest.mark.server


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    return changed(settings, alerts_token=TOKEN)


@pytest.fixture
async def site(client: Client, guarded: Settings) -> AsyncIterator[Site]:
    async with served(plain(client), guarded) as site:
        yield site


@pytest.fixture
def name() -> str:
    return fresh("group")


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


def over(at: str, name: str = "HighErrorRate") -> dict[str, Any]:
    return alert(at, "resolved", name)


def delivery(name: str, *alerts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    firing = any(each["status"] == "firing" for each in alerts)
    status = "firing" if firing else "resolved"
    return {"version": "4", "groupKey": name, "status": status, "alerts": list(alerts)} | changes


async def test_the_same_delivery_twice_is_one_ticket(site: Site, name: str) -> None:
    answers = [await site.post(delivery(name, alert("10:00"))) for _ in range(2)]
    assert [(answer.status, answer.body["became"]) for answer in answers] == [
        (200, "ticket"),
        (200, "nothing"),
    ]
    [ticket] = answers[0].body["tickets"]
    assert answers[1].body["tickets"] == [ticket]
    assert await site.informed(ticket) == []


async def test_deliveries_at_the_same_moment_are_one_ticket(site: Site, name: str) -> None:
    news = [delivery(name, alert("10:00"), alert("10:05", name="Slow"))]
    news += [delivery(name, alert("10:05", name="Slow"))]
    answers = await asyncio.gather(*(site.post(each) for each in news * 2))
    assert {answer.status for answer in answers} == {200}
    assert len({ticket for answer in answers for ticket in answer.body["tickets"]}) == 1


async def test_alerts_that_join_are_told_to_the_same_ticket_once(site: Site, name: str) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    wider = delivery(name, alert("10:00"), alert("09:00", name="Slow"))
    answers = [(await site.post(wider)).body for _ in range(3)]
    assert [answer["became"] for answer in answers] == ["informed", "nothing", "nothing"]
    assert {answer["tickets"][0] for answer in answers} == {ticket}
    [text] = await site.informed(ticket)
    assert "- Slow, since 2026-03-01 09:00:00 UTC: Checkout answers 502" in text
    assert "HighErrorRate" not in text
    assert text.endswith("2 of the group fire now.")


async def test_it_stays_one_ticket_when_the_longest_firing_alert_resolves_first(
    site: Site, name: str
) -> None:
    both = delivery(name, alert("10:00"), alert("10:05", name="Slow"))
    [ticket] = (await site.post(both)).body["tickets"]
    part = await site.post(delivery(name, over("10:00"), alert("10:05", name="Slow")))
    assert (part.body["tickets"], part.body["became"]) == ([ticket], "informed")
    left = await site.post(delivery(name, alert("10:05", name="Slow")))
    assert (left.body["tickets"], left.body["became"]) == ([ticket], "nothing")
    assert await site.informed(ticket) == []
    [text] = await site.recovered(ticket)
    assert "- HighErrorRate, since 2026-03-01 10:00:00 UTC until 2026-03-01 20:00:00 UTC" in text
    assert text.endswith("1 of the group fire now.")


async def test_resolved_is_told_to_the_running_ticket_once(site: Site, name: str) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    answers = [(await site.post(delivery(name, over("10:00")))).body for _ in range(2)]
    assert [answer["became"] for answer in answers] == ["informed", "nothing"]
    assert {answer["tickets"][0] for answer in answers} == {ticket}
    [text] = await site.recovered(ticket)
    assert "Nothing of the group fires." in text


async def test_a_swap_is_told_in_one_message(site: Site, name: str) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    await site.post(delivery(name, over("10:00"), alert("20:00", name="Slow")))
    [text] = await site.informed(ticket)
    assert "firing now too:\n- Slow" in text
    assert "resolved:\n- HighErrorRate" in text
    assert await site.recovered(ticket) == []


async def test_a_group_that_fires_again_after_it_was_resolved_is_another_ticket(
    site: Site, name: str
) -> None:
    first = await site.post(delivery(name, alert("10:00")))
    await site.post(delivery(name, over("10:00")))
    second = await site.post(delivery(name, alert("21:00")))
    assert second.body["became"] == "ticket"
    assert second.body["tickets"] != first.body["tickets"]


async def test_resolved_too_early_and_on_again_is_told_to_the_same_ticket(
    site: Site, name: str
) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    await site.post(delivery(name, over("10:00")))
    again = await site.post(delivery(name, alert("10:00")))
    assert again.body == {"tickets": [ticket], "became": "informed", "why": ""}
    [text] = await site.informed(ticket)
    assert "firing now too:\n- HighErrorRate" in text


async def test_a_group_that_was_never_heard_to_fire_is_no_ticket(site: Site, name: str) -> None:
    answer = await site.post(delivery(name, over("10:00")))
    assert (answer.status, answer.body["tickets"]) == (200, [])


async def test_what_alertmanager_leaves_out_is_not_taken_for_resolved(
    site: Site, name: str
) -> None:
    both = delivery(name, alert("10:00"), alert("10:05", name="Slow"))
    [ticket] = (await site.post(both)).body["tickets"]
    await site.post(delivery(name, over("10:00"), truncatedAlerts=1))
    again = await site.post(delivery(name, alert("10:05", name="Slow")))
    assert again.body == {"tickets": [ticket], "became": "nothing", "why": "known already"}


async def test_a_closed_ticket_is_not_repeated_for_ever(site: Site, name: str) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    await site.reach.handle(ticket).terminate()
    again = await site.post(delivery(name, alert("10:00")))
    assert (again.status, again.body["became"]) == (200, "nothing")
    over_now = await site.post(delivery(name, over("10:00")))
    assert over_now.status == 200
    status = (await site.reach.handle(ticket).describe()).status
    assert status is WorkflowExecutionStatus.TERMINATED


async def test_what_joins_after_the_ticket_has_ended_is_a_ticket_of_its_own(
    site: Site, name: str
) -> None:
    [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
    await site.reach.handle(ticket).terminate()
    wider = delivery(name, alert("10:00"), alert("12:00", name="Slow"))
    answers = [(await site.post(wider)).body for _ in range(2)]
    assert [answer["became"] for answer in answers] == ["ticket", "nothing"]
    assert answers[0]["tickets"] == answers[1]["tickets"] != [ticket]


async def test_a_ticket_is_followed_where_the_settings_say(
    client: Client, guarded: Settings, name: str
) -> None:
    places = ["slack:C01", "slack:C02", "jira:OPS-1"]
    async with served(plain(client), changed(guarded, alerts_show_in=places)) as site:
        [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
        history = await site.reach.handle(ticket).fetch_history()
    started = str(history.events[0].workflow_execution_started_event_attributes.input)
    assert all(place in started for place in places)


async def test_a_closed_ticket_of_another_tenant_is_named_as_it_is_called(
    client: Client, guarded: Settings, name: str
) -> None:
    rule = PlaceRule(place="slack:C01", tenant="ops")
    settings = changed(guarded, alerts_show_in=["slack:C01"], places=[rule])
    async with served(plain(client), settings) as site:
        [ticket] = (await site.post(delivery(name, alert("10:00")))).body["tickets"]
        assert ticket.startswith("mendwheel-ops-")
        await site.post(delivery(name, over("10:00")))
        await site.reach.handle(ticket).terminate()
        again = await site.post(delivery(name, alert("10:00")))
    assert again.body == {"tickets": [ticket], "became": "nothing", "why": "closed already"}


@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN}x", "ä"])
async def test_a_wrong_token_opens_nothing(site: Site, name: str, token: str) -> None:
    answer = await site.post(delivery(name, alert("10:00")), token=token)
    assert answer.status == 401
    assert TOKEN not in answer.text


async def test_a_malformed_delivery_names_the_field_and_the_request(site: Site, name: str) -> None:
    bad = delivery(name, alert("10:00") | {"startsAt": "soon"})
    answer = await site.post(bad, **{"X-Request-ID": "am-1"})
    assert answer.status == 400
    assert answer.body["error"].startswith("alerts[0].startsAt: ")
    assert answer.body["request_id"] == answer.request_id == "am-1"
    assert (await site.post(b"{")).status == 400


async def test_temporal_away_is_503_and_the_same_delivery_succeeds_later(
    client: Client, guarded: Settings, name: str
) -> None:
    host, _, target = client.service_client.config.target_host.rpartition(":")
    port = free_port()
    lazy = await Client.connect(
        f"127.0.0.1:{port}", data_converter=pydantic_data_converter, lazy=True
    )
    async with served(lazy, guarded) as site:
        away = await site.post(delivery(name, alert("10:00")))
        assert (away.status, "send it again" in away.body["error"]) == (503, True)
        async with forwarding(port, host, int(target)):
            later = await site.post(delivery(name, alert("10:00")))
            assert (later.status, later.body["became"]) == (200, "ticket")
