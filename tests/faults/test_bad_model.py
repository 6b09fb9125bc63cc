"""A model that loops, invents, babbles, refuses or answers in another tongue never acts by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.domain.evidence import Dossier, EvidenceKind
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.settings import Settings
from tests.faults.endpoint import Endpoint
from tests.faults.unruly import ANOMALY, CONSULTING, Unruly, answer, believing, cause, ended
from tests.workflows.stage import Stage
from tests.workflows.tickets import broken, incident, question

LEAKS = "The service leaks memory and has to be restarted."


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Unruly() as endpoint:
        yield endpoint


async def test_a_model_that_only_ever_asks_for_the_same_read_runs_out_of_turns(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    calls = [{"tool": "knowledge", "query": "export links"}] * 3
    will = {"Triage": [CONSULTING], "Answer": [{"calls": calls}]}
    async with believing(client, settings, endpoint, will) as stage:
        ticket = await stage.submit(question())
        outcome = await ended(stage, ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert endpoint.asked.count("Answer") <= 2 * stage.settings.limits.turns
        assert "Export links" in stage.said(ticket)[-1]


async def test_an_investigator_that_loops_on_a_tool_hands_over_and_restarts_nothing(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    will = {"Triage": [ANOMALY], "Cause": [{"calls": [{"tool": "exhibits", "query": "again"}]}]}
    async with believing(client, settings, endpoint, will) as stage:
        ticket = await stage.submit(incident("leak"))
        assert (await ended(stage, ticket)).kind is OutcomeKind.HANDED_OVER
        assert broken()[1]["restarts"] == 0
        assert "What was found so far" in stage.said(ticket)[-1]


async def test_a_tool_that_nobody_registered_is_not_called_and_not_waited_for(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    strange = {"calls": [{"tool": "shell", "query": "rm -rf /"}]}
    will = {"Triage": [CONSULTING], "Answer": [strange, answer()]}
    async with believing(client, settings, endpoint, will) as stage:
        outcome = await ended(stage, await stage.submit(question()))
        assert outcome.kind is OutcomeKind.HANDED_OVER


@pytest.mark.parametrize("cited", ["F99", "", "../F1"])
async def test_a_cause_that_rests_on_evidence_that_does_not_exist_restarts_nothing(
    client: Client, settings: Settings, endpoint: Endpoint, cited: str
) -> None:
    arguments = [{"name": "service", "value": "x"}]
    will = {
        "Triage": [ANOMALY],
        "Cause": [cause(LEAKS, cited)],
        "Proposal": [{"tool": "restart_service", "arguments": arguments}],
    }
    async with believing(client, settings, endpoint, will) as stage:
        ticket = await stage.submit(incident("leak"))
        assert (await ended(stage, ticket)).kind is OutcomeKind.HANDED_OVER
        assert broken()[1]["restarts"] == 0
        assert "Proposal" not in endpoint.asked


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Der Link eines Exports ist 72 Stunden gültig, danach läuft er ab.", ""),
        (
            "Der Link eines Exports ist 72 Stunden gültig, danach läuft er ab.",
            "works for 72 hours, then it expires",
        ),
        ("导出的下载链接有效期为72小时，之后失效。", "works for 72 hours, then it expires"),
    ],
)
async def test_an_answer_in_another_language_than_the_question_is_not_given(
    client: Client, settings: Settings, endpoint: Endpoint, text: str, quote: str
) -> None:
    will = {"Triage": [CONSULTING], "Answer": [answer(text, quote=quote)]}
    async with believing(client, settings, endpoint, will) as stage:
        ticket = await stage.submit(question())
        outcome = await ended(stage, ticket)
        # What rules have found is said in its place.
        assert (outcome.kind, outcome.engine) == (OutcomeKind.ANSWERED, EXTRACTIVE)
        assert text not in stage.said(ticket)[-1]
        assert "works for 72 hours" in stage.said(ticket)[-1]


async def test_an_asker_is_answered_in_their_own_language_from_evidence_in_another(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    text = "Der Link eines Exports ist 72 Stunden gültig, danach läuft er ab."
    asked = "Wie viele Stunden ist der Link (download link) eines Exports gültig, bis er abläuft?"
    will = {
        "Triage": [CONSULTING | {"language": "de"}],
        "Answer": [answer(text, quote="works for 72 hours, then it expires")],
    }
    async with believing(client, settings, endpoint, will) as stage:
        ticket = await stage.submit(question(title=asked))
        assert (await ended(stage, ticket)).kind is OutcomeKind.ANSWERED
        assert text in stage.said(ticket)[-1]


@pytest.mark.parametrize("agent", ["Triage", "Answer", "Review"])
@pytest.mark.parametrize("how", ["in words", "by the protocol"])
async def test_a_refusal_of_any_agent_ends_with_a_human(
    client: Client, settings: Settings, endpoint: Endpoint, agent: str, how: str
) -> None:
    will: dict[str, list[Any]] = {"Triage": [CONSULTING], "Answer": [answer()]}
    refusal: Any = "I'm sorry, but I can't help with that."
    if how == "by the protocol":
        refusal = {"refusal": refusal}
    async with believing(client, settings, endpoint, will | {agent: [refusal]}) as stage:
        ticket = await stage.submit(question())
        outcome = await ended(stage, ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert endpoint.asked.count(agent) <= 2


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("blah " * 1_000_000, id="prose"),
        pytest.param(answer("72 hours. " * 200_000), id="one endless claim"),
        pytest.param(answer() | {"claims": answer()["claims"] * 50_000}, id="endless claims"),
        pytest.param('{"stance": ' + "[" * 100_000, id="deep nesting"),
    ],
)
async def test_huge_output_is_thrown_away_and_what_was_found_is_handed_over(
    client: Client, settings: Settings, endpoint: Endpoint, said: Any
) -> None:
    will = {"Triage": [CONSULTING], "Answer": [said]}
    async with believing(client, settings, endpoint, will) as stage:
        ticket = await stage.submit(question())
        assert (await ended(stage, ticket)).kind is OutcomeKind.HANDED_OVER
        message = stage.said(ticket)[-1]
        assert "Export links" in message
        assert len(message) < 10_000
        history = await stage.handle(ticket).fetch_history()
        assert sum(event.ByteSize() for event in history.events) < 200_000


async def believed(stage: Stage, endpoint: Endpoint) -> dict[str, Any]:
    """A cause that stands every check: it repeats what code established for such an incident."""
    endpoint.will["Cause"] = [{"stance": "unknown"}]
    outcome = await stage.result(await stage.submit(incident("leak")))
    assert outcome.dossier is not None
    dossier = Dossier.model_validate_json(stage.stores.artifacts.get(outcome.dossier))
    fact = next(item for item in dossier.of(EvidenceKind.FINDING) if item.component)
    return cause(fact.text, fact.id) | {"component": fact.component}


@pytest.mark.parametrize(
    "proposal",
    [
        {"tool": "format_disk", "arguments": []},
        {"tool": "restart_service", "arguments": []},
        {"tool": "restart_service", "arguments": [{"name": "services", "value": "all"}]},
        {"tool": None, "reason": "no tool fits"},
    ],
)
async def test_a_plan_that_names_no_registered_tool_with_its_arguments_is_left_to_people(
    client: Client, settings: Settings, endpoint: Endpoint, proposal: dict[str, Any]
) -> None:
    will = {"Triage": [ANOMALY], "Proposal": [proposal]}
    async with believing(client, settings, endpoint, will) as stage:
        endpoint.will["Cause"] = [await believed(stage, endpoint)]
        ticket = await stage.submit(incident("leak"))
        assert (await ended(stage, ticket)).kind is OutcomeKind.PROPOSED
        assert "Proposal" in endpoint.asked
        assert broken()[1]["restarts"] == 0


async def test_the_same_stage_does_act_on_a_plan_that_is_right(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    async with believing(client, settings, endpoint, {"Triage": [ANOMALY]}) as stage:
        right = await believed(stage, endpoint)
        arguments = [{"name": "service", "value": broken()[0]}]
        endpoint.will["Cause"] = [right]
        endpoint.will["Proposal"] = [{"tool": "restart_service", "arguments": arguments}]
        outcome = await stage.result(await stage.submit(incident("leak")))
        assert (outcome.kind, outcome.remedy) == (OutcomeKind.FIXED, "restart_service")
