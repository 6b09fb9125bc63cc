"""Questions of customers: who asks is looked up where that is set up, and nothing else is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.activities.briefs import Texts
from mendwheel.agents import AGENTS
from mendwheel.contracts.thinking import ThinkRequest
from mendwheel.domain.diagnosis import Triage
from mendwheel.domain.evidence import CUSTOMER, Dossier, Evidence
from mendwheel.domain.observation import Observation
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.ticket import TicketKind
from mendwheel.gateway.messages import build
from mendwheel.ports import SenseError
from mendwheel.settings import Settings
from tests.tickets import ticket as plain_ticket
from tests.workflows.stage import Stage, staged
from tests.workflows.tickets import question

RECORD = "plan.name: Team\nentitlements: exports, audit log"
ABOUT_US = "How many hours does the download link of an export work on our plan?"


class Scripted:
    """A sense that does what a test says."""

    def __init__(self, name: str, look: Callable[[], Any]) -> None:
        self.name = name
        self.looks = 0
        self._look = look

    def observe(self, *_: Any) -> Any:
        self.looks += 1
        return self._look()


def customer() -> Scripted:
    seen = Observation(title="customer of the reporter", media=CUSTOMER, text=RECORD)
    return Scripted("customer", lambda: [seen])


@asynccontextmanager
async def asking(
    client: Client, settings: Settings, *senses: Scripted, **told: Any
) -> AsyncIterator[Stage]:
    async with staged(client, settings.model_copy(update=told), senses=senses) as stage:
        yield stage


def dossier_of(stage: Stage, ticket: str) -> list[Evidence]:
    outcome = stage.stores.outcomes.latest(ticket)
    assert outcome is not None
    assert outcome.dossier is not None
    return Dossier.model_validate_json(stage.stores.artifacts.get(outcome.dossier)).evidence


async def activities(stage: Stage, ticket: str) -> list[str]:
    history = await stage.handle(ticket).fetch_history()
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]


async def test_the_answer_quotes_the_plan_beside_what_knowledge_says(
    client: Client, settings: Settings
) -> None:
    known, metrics = customer(), Scripted("metrics", list)
    async with asking(client, settings, known, metrics) as stage:
        ticket = await stage.submit(question(title=ABOUT_US))
        outcome = await stage.result(ticket)
        [answer] = stage.said(ticket)
        [record] = [item for item in dossier_of(stage, ticket) if item.media == CUSTOMER]
        case = stage.stores.cases.get(ticket)
    assert outcome.kind is OutcomeKind.ANSWERED
    assert "72 hours" in answer
    assert "plan.name: Team" in answer.replace("\\", "")
    assert f"[{record.id}]" in answer or "customer of the reporter" in answer
    assert record.window is not None
    assert (known.looks, metrics.looks) == (1, 0)
    # The next customer who asks the same must not be told of this one's plan.
    assert case is not None
    assert "72 hours" in (case.resolution or "")
    assert "Team" not in (case.resolution or "")


async def test_a_question_about_something_else_does_not_tell_of_the_plan(
    client: Client, settings: Settings
) -> None:
    async with asking(client, settings, customer()) as stage:
        ticket = await stage.submit(question())
        await stage.result(ticket)
        [answer] = stage.said(ticket)
    assert "Team" not in answer


async def test_a_customer_system_that_is_away_costs_a_line_and_no_answer(
    client: Client, settings: Settings
) -> None:
    def away() -> Any:
        raise SenseError("customer: status 503: correct customer_url")

    async with asking(client, settings, Scripted("customer", away)) as stage:
        ticket = await stage.submit(question())
        outcome = await stage.result(ticket)
        [line] = [item for item in dossier_of(stage, ticket) if item.source == "customer"]
    assert outcome.kind is OutcomeKind.ANSWERED
    assert "status 503" in line.text


@pytest.mark.parametrize(
    ("sense", "told"),
    [
        ("metrics", {}),
        ("customer", {"sense_tenants": {"customer": ["another"]}}),
    ],
)
async def test_without_a_customer_sense_of_its_tenant_a_question_asks_for_no_look(
    client: Client, settings: Settings, sense: str, told: dict[str, Any]
) -> None:
    other = Scripted(sense, list)
    async with asking(client, settings, other, **told) as stage:
        ticket = await stage.submit(question())
        await stage.result(ticket)
        history = await stage.handle(ticket).fetch_history()
        asked = await activities(stage, ticket)
    assert "mendwheel.observe" not in asked
    assert other.looks == 0
    markers = [e for e in history.events if e.HasField("marker_recorded_event_attributes")]
    assert markers
    assert "customer-of-a-question" not in str(markers)


async def test_a_dry_run_looks_nobody_up(client: Client, settings: Settings) -> None:
    known = customer()
    async with asking(client, settings, known) as stage:
        await stage.result(await stage.submit(question(), dry_run=True))
    assert known.looks == 0


async def test_a_model_reads_the_record_before_what_may_not_fit(
    client: Client, settings: Settings
) -> None:
    async with asking(client, settings, customer()) as stage:
        ticket = await stage.submit(question())
        outcome = await stage.result(ticket)
        case = stage.stores.cases.get(ticket)
        assert case is not None
        texts = Texts(stage.stores.artifacts)
        report = texts._artifacts.put("default", '{"title": "t", "body": "b"}')
        request = ThinkRequest(
            ticket=plain_ticket(report=report),
            agent="consultant",
            playbook=Playbook(version="p"),
            round=1,
            turn=0,
            last_turn=True,
            triage=Triage(kind=TicketKind.CONSULTING),
            dossier=outcome.dossier,
        )
        brief = texts.brief(request, [])
    assert brief.evidence[0].media == CUSTOMER
    built = build(
        AGENTS["consultant"], brief, system="s", context_chars=1200, hide=lambda text: text
    )
    assert "plan.name: Team" in built[1]["content"]
