"""A sense that is set up for some tenants is looked at for no other one."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mendwheel.activities.observing import Observing
from mendwheel.contracts.observing import ObserveRequest
from mendwheel.domain.evidence import Dossier, Evidence
from mendwheel.domain.looking import McpRead, McpServer
from mendwheel.domain.observation import Observation
from mendwheel.domain.ticket import Report
from mendwheel.house import House
from mendwheel.integrations.senses.configured import live_senses
from mendwheel.integrations.senses.more import more_senses
from mendwheel.ports import LiveSense
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from tests.tickets import ticket

STAND = str(Path(__file__).parents[1] / "integrations" / "mcp_stand.py")


class Counting:
    """Counts its looks by tenant."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.looks: list[str] = []

    def observe(self, looked_for: Any, *_: Any) -> list[Observation]:
        self.looks.append(looked_for.tenant)
        return [Observation(title=self.name, media="tool", text=f"seen by {self.name}")]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "s.db") as stores:
        yield stores


async def seen(
    stores: Stores, senses: list[LiveSense], tenants: dict[str, list[str]], tenant: str
) -> list[Evidence]:
    observing = Observing(senses, stores.artifacts, lambda: datetime.now(UTC), tenants)
    report = stores.artifacts.put(tenant, Report(title="t", body="b").model_dump_json())
    ref = await observing.observe(ObserveRequest(ticket=ticket(report=report, tenant=tenant)))
    assert ref.tenant == tenant
    return Dossier.model_validate_json(stores.artifacts.get(ref)).evidence


async def test_a_sense_is_looked_at_for_its_tenants_only_and_one_without_any_for_all(
    stores: Stores,
) -> None:
    loki, kubernetes = Counting("loki"), Counting("kubernetes")
    tenants = {"loki": ["acme"]}
    for tenant in ("acme", "globex"):
        found = await seen(stores, [loki, kubernetes], tenants, tenant)
        assert ("loki" in {item.source for item in found}) is (tenant == "acme")
        assert "loki" not in str(found) or tenant == "acme"
    assert loki.looks == ["acme"]
    assert kubernetes.looks == ["acme", "globex"]


async def test_an_mcp_server_of_one_tenant_is_not_called_for_another(
    stores: Stores, tmp_path: Path
) -> None:
    server = McpServer(
        name="deploys",
        command=sys.executable,
        args=[STAND],
        reads=[McpRead(tool="releases", arguments={"service": "{tenant}"})],
    )
    settings = Settings(
        home=tmp_path, mcp_servers=[server], sense_tenants={"mcp deploys": ["acme"]}
    )
    senses = more_senses(settings)
    ours = await seen(stores, senses, settings.sense_tenants, "acme")
    theirs = await seen(stores, senses, settings.sense_tenants, "globex")
    assert ["acme since ever" in item.text for item in ours] == [True]
    assert theirs == []


async def test_the_house_keeps_to_what_the_settings_say(tmp_path: Path) -> None:
    loki = Counting("loki")
    settings = Settings(home=tmp_path, sense_tenants={"loki": ["acme"]})
    house = House(settings, senses=[loki])
    [observe] = [each for each in house.activities() if getattr(each, "__name__", "") == "observe"]
    with house.stores as stores:
        report = stores.artifacts.put("globex", Report(title="t", body="b").model_dump_json())
        await observe(ObserveRequest(ticket=ticket(report=report, tenant="globex")))
        report = stores.artifacts.put("acme", Report(title="t", body="b").model_dump_json())
        await observe(ObserveRequest(ticket=ticket(report=report, tenant="acme")))
    assert loki.looks == ["acme"]


@pytest.mark.parametrize(
    ("tenants", "shared"),
    [
        ({}, True),
        ({"prometheus": ["acme"]}, True),
        ({"traces": ["acme"]}, False),
        ({"traces": ["acme"], "prometheus": ["acme", "globex"]}, False),
        ({"traces": ["acme", "globex"], "prometheus": ["acme"]}, True),
    ],
)
def test_who_calls_whom_is_not_asked_of_traces_for_a_tenant_that_they_do_not_serve(
    tmp_path: Path, tenants: dict[str, list[str]], shared: bool
) -> None:
    settings = Settings(
        home=tmp_path,
        jaeger_url="http://127.0.0.1:1",
        prometheus_url="http://127.0.0.1:1",
        sense_tenants=tenants,
    )
    prometheus = next(each for each in live_senses(settings) if each.name == "prometheus")
    assert (vars(prometheus)["_graph"] is not None) is shared
