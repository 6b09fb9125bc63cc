"""Who may end the agents' work: by report, by policy, by hand-over, and nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import Client

from mendwheel.domain.knowledge import Case
from mendwheel.domain.outside import NoDirectory
from mendwheel.domain.place import PlaceRule
from mendwheel.domain.ticket import Ticket
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.slack.listeners.home import put_to
from mendwheel.integrations.standing import Standing, standing
from mendwheel.policy.file import Policy
from mendwheel.ports import Directory
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.testing.fakes import InMemoryDirectory
from tests.cards import asked

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
    directory: Directory | None = None,
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
    edge = replace(
        Edge.over(cast(Client, None), stores, settings), directory=directory or NoDirectory()
    )
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


def test_people_of_a_user_group_have_a_say_where_slack_tells_who_they_are(stores: Stores) -> None:
    told = InMemoryDirectory({"slack-group:S0DARK": ["slack:U0DARK"]})
    assert entitled(stores, directory=told).has("slack:U0DARK")
    assert not entitled(stores).has("slack:U0DARK")


def delegated(days: float) -> dict[str, Any]:
    until = datetime.now(UTC) + timedelta(days=days)
    return {"from": "dora", "to": "slack:U0ERNA", "until": until}


def test_who_stands_in_for_an_approver_has_a_say_until_that_ends(stores: Stores) -> None:
    for days, has in ((1, True), (-1, False)):
        policy = Policy.model_validate(POLICY | {"delegations": [delegated(days)]})
        assert entitled(stores, policy=policy).has("slack:U0ERNA") is has


def test_a_home_lists_what_is_put_to_ones_group_or_to_whom_one_stands_in_for(
    stores: Stores, tmp_path: Path
) -> None:
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    file = tmp_path / "policy.toml"
    file.write_text(
        f'[[delegations]]\nfrom = "dora"\nto = "slack:U0ERNA"\nuntil = {until}\n', "utf-8"
    )
    told = InMemoryDirectory({"slack-group:S0OPS": ["slack:U0OPS"]})
    edge = Edge.over(cast(Client, None), stores, Settings(policy=file))
    edge = replace(edge, directory=told)
    group = asked(request_id="g", approvers=["slack-group:S0OPS"])
    dora = asked(request_id="d", approvers=["dora"])
    assert put_to(edge, [group, dora], "slack:U0OPS") == [group]
    assert put_to(edge, [group, dora], "slack:U0ERNA") == [dora]
    assert put_to(edge, [group, dora], "slack:U0ELSE") == []
    assert told.asked == 3, "once for all that waits"
