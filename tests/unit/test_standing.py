"""Who may end the agents' work: by report, by policy, by hand-over, and nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import Client

from mendwheel.domain.knowledge import Case
from mendwheel.domain.place import PlaceRule
from mendwheel.domain.ticket import Ticket
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.standing import Standing, standing
from mendwheel.policy.file import Policy
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

TICKET = "mendwheel-default-slack-1"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
POLICY: dict[str, Any] = {
    "approvers": {
        "default": ["dora"],
        "ledger": ["group:money"],
        "slack:C0SHOP": ["slack:U0SHOP"],
    },
    "people": {"ada": ["slack:U0ADA", "jira:ada"], "dora": ["slack:U0DORA"]},
    "groups": {"money": ["ada"], "slack:S0CALL": ["slack:U0CALL"]},
}
RULES = [
    PlaceRule(place="slack:C0DESK", hand_over_to=["slack:U0HEIR", "slack:S0CALL", "slack:S0DARK"])
]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "store.db") as stores:
        yield stores


def entitled(
    stores: Stores,
    *,
    component: str | None = None,
    origin: str = "slack:C0DESK/17.1",
    place: str = "slack:C0DESK",
    policy: Policy | None = None,
    involved: tuple[str, ...] = (),
) -> Standing:
    head = Ticket(
        id=TICKET,
        system="slack",
        key="1",
        title="t",
        reporter="jira:ada",
        report=stores.artifacts.put("default", "t"),
        opened_at=NOW,
        delivery_id="d",
        place=origin,
    )
    stores.cases.save(
        Case(
            ticket_id=TICKET,
            title="t",
            text="t",
            reporter="jira:ada",
            component=component,
            opened_at=NOW,
            head=head,
        )
    )
    settings = Settings(places=RULES)
    edge = Edge.over(cast(Client, None), stores, settings)
    said = policy or Policy.model_validate(POLICY)
    return standing(edge, said, TICKET, place=place, involved=involved)


def test_the_reporter_has_a_say_from_every_system_the_policy_knows_them_in(stores: Stores) -> None:
    found = entitled(stores)
    assert found.has("jira:ada")
    assert found.has("slack:U0ADA")
    assert not found.has("slack:U0MALLORY")
    assert not found.has("")


@pytest.mark.parametrize(
    ("component", "origin", "approver"),
    [
        (None, "slack:C0DESK", "slack:U0DORA"),
        ("ledger", "slack:C0SHOP", "slack:U0ADA"),
        (None, "slack:C0SHOP/17.1", "slack:U0SHOP"),
    ],
)
def test_those_who_would_approve_this_ticket_have_a_say_and_those_of_others_have_none(
    stores: Stores, component: str | None, origin: str, approver: str
) -> None:
    found = entitled(stores, component=component, origin=origin)
    assert found.has(approver)
    others = {"slack:U0DORA", "slack:U0SHOP"} - {approver}
    assert not any(found.has(other) for other in others)


def test_those_whom_a_place_hands_over_to_have_a_say(stores: Stores) -> None:
    for found in (entitled(stores), entitled(stores, origin="jira:LP-7")):
        assert found.has("slack:U0HEIR")
        assert found.has("slack:U0CALL"), "a user group that the policy lists"
        assert not found.has("slack:S0DARK"), "who is in it nobody here knows"
        assert "slack:S0DARK" not in found.known_in("slack")
    assert not entitled(stores, origin="jira:LP-7", place="slack:C0ELSE").has("slack:U0HEIR")


def test_a_broken_policy_leaves_the_say_with_those_who_need_none(stores: Stores) -> None:
    found = entitled(stores, policy=Policy(kill_switch=True), involved=("jira:assigned",))
    assert found.has("jira:ada")
    assert found.has("jira:assigned")
    assert not found.has("slack:U0DORA")
    assert found.known_in("slack") == ["slack:U0HEIR"]
