"""Nothing known, contradicting documents, an outdated one: said as it is, never made up."""

from collections.abc import Iterator

import pytest
from temporalio.client import Client

from mendwheel.domain.knowledge import Document
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.settings import Settings
from tests.faults.endpoint import Endpoint
from tests.faults.unruly import CONSULTING, Unruly, answer, ended
from tests.workflows.stage import staged
from tests.workflows.tickets import GUIDE, broken, incident, question, runbooks

SAYS = "A download link of an export works for {hours} hours, then it expires."

OTHERS = [item for item in runbooks() if item.id != GUIDE.id]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Unruly() as endpoint:
        yield endpoint


def guide(name: str, text: str, title: str = "") -> Document:
    title = title or name.replace("-", " ").capitalize()
    return Document(id=name, title=title, body=f"# {title}\n\n{text}\n")


def says(hours: int) -> str:
    return SAYS.format(hours=hours)


async def test_with_nothing_known_a_question_goes_to_a_human(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, documents=[]) as stage:
        ticket = await stage.submit(question())
        assert (await ended(stage, ticket)).kind is OutcomeKind.HANDED_OVER


async def test_with_nothing_known_an_incident_is_not_acted_upon(
    client: Client, settings: Settings
) -> None:
    async with staged(client, settings, documents=[]) as stage:
        stage.policy(mode="live")
        outcome = await ended(stage, await stage.submit(incident("leak")))
        assert outcome.kind in (OutcomeKind.PROPOSED, OutcomeKind.HANDED_OVER)
        assert broken()[1]["restarts"] == 0


async def test_with_nothing_known_a_model_cannot_answer_from_what_it_remembers(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    endpoint.will = {
        "Triage": [CONSULTING],
        "Answer": [answer(says(72))],
        "Review": [{"verdict": "accept"}],
    }
    told = {"model_base_url": endpoint.url, "model": "tiny-1"}
    async with staged(client, settings.model_copy(update=told), documents=[]) as stage:
        ticket = await stage.submit(question())
        assert (await ended(stage, ticket)).kind is OutcomeKind.HANDED_OVER
        assert "72 hours" not in stage.said(ticket)[-1]


async def test_contradicting_documents_are_both_cited_and_the_conflict_is_said(
    client: Client, settings: Settings
) -> None:
    documents = [guide("export-links", says(72)), guide("export-limits", says(24)), *OTHERS]
    async with staged(client, settings, documents=documents) as stage:
        ticket = await stage.submit(question())
        outcome = await ended(stage, ticket)
        assert outcome.kind is OutcomeKind.ANSWERED
        said = stage.said(ticket)[-1]
        assert "Sources disagree" in said
        assert "72 hours" in said
        assert "24 hours" in said
        assert "[K1, K2]" in said or "[K2, K1]" in said


async def test_of_two_editions_the_newer_one_answers_and_that_is_said(
    client: Client, settings: Settings
) -> None:
    documents = [
        guide("links-1", f"This page is deprecated. {says(24)}", "Export links (version 1.9)"),
        guide("links-2", says(72), "Export links (version 1.10)"),
        *OTHERS,
    ]
    async with staged(client, settings, documents=documents) as stage:
        ticket = await stage.submit(question())
        assert (await ended(stage, ticket)).kind is OutcomeKind.ANSWERED
        said = stage.said(ticket)[-1]
        assert "72 hours" in said
        assert "24 hours" not in said
        assert "is newer than" in said


async def test_a_conflict_is_said_even_where_too_little_is_known_to_answer(
    client: Client, settings: Settings
) -> None:
    documents = [guide("export-links", says(72)), guide("export-limits", says(24))]
    unsure = settings.thresholds.model_copy(update={"answer": 0.99})
    async with staged(
        client, settings.model_copy(update={"thresholds": unsure}), documents=documents
    ) as stage:
        ticket = await stage.submit(question())
        assert (await ended(stage, ticket)).kind is OutcomeKind.HANDED_OVER
        assert "Sources disagree" in stage.said(ticket)[-1]
