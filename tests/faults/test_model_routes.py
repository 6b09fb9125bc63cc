"""Several models on a real ticket: one that is away costs nothing but a line in the call log."""

import socket

from temporalio.client import Client

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.settings import Settings
from mendwheel.settings_models import ModelRoute
from tests.faults.endpoint import Endpoint
from tests.faults.test_model_endpoint import TRIAGE, answer, review, with_model
from tests.workflows.stage import staged
from tests.workflows.tickets import question

WORDED = "An export's download link expires after 72 hours: until then it works."
"""The model's own words for what the sources say."""


async def test_a_model_that_is_away_is_stood_in_for_by_the_next_one(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    endpoint.will = {"Triage": [TRIAGE], "Answer": [answer(WORDED)], "Review": [review("accept")]}
    spare = ModelRoute(name="spare", base_url=endpoint.url, model="tiny-2")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but nobody listens
        down = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        async with staged(client, with_model(settings, down, model_routes=[spare])) as stage:
            ticket = await stage.submit(question())
            outcome = await stage.result(ticket)
            calls = stage.stores.calls.list(ticket_id=ticket)
            assert WORDED in stage.said(ticket)[-1]
    assert (outcome.kind, outcome.engine) == (OutcomeKind.ANSWERED, "spare")
    asked = [(each.agent, each.route, each.failure) for each in reversed(calls)]
    assert asked == [
        ("triage", "tiny-1", "unavailable"),
        ("triage", "spare", ""),
        ("consultant", "tiny-1", "unavailable"),
        ("consultant", "spare", ""),
        ("reviewer", "spare", ""),  # it begins with another model than the author's
    ]
    assert {each.tenant for each in calls} == {settings.tenant}


async def test_agents_without_a_route_think_without_a_model(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    endpoint.will = {"Review": [review("accept")]}
    routes = [ModelRoute(name="one", base_url=endpoint.url, model="m", agents=["reviewer"])]
    async with staged(client, settings.model_copy(update={"model_routes": routes})) as stage:
        outcome = await stage.result(await stage.submit(question()))
    assert outcome.kind is OutcomeKind.ANSWERED
    assert outcome.engine == "extractive"
    assert endpoint.asked == ["Review"]
