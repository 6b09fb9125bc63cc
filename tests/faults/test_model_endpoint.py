"""A model that is down, slow, babbling or unwilling: a human gets what was found."""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.domain.budget import CallKey
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.settings import Settings
from tests.faults.endpoint import ANSWER_TOKENS, PROMPT_TOKENS, Endpoint
from tests.workflows.stage import Stage, own_settings, staged
from tests.workflows.tickets import question

TRIAGE = {"kind": "consulting", "severity": "low", "confidence": 0.9}
SAID = "A download link of an export works for 72 hours, then it expires."


def answer(text: str = SAID, cited: str = "K1") -> dict[str, Any]:
    claims = [{"text": text, "evidence_ids": [cited]}]
    return {"stance": "answer", "claims": claims, "confidence": 0.9}


def review(verdict: str, *objections: str) -> dict[str, Any]:
    claims = [
        {"claim": number, "supported": False, "objection": text}
        for number, text in enumerate(objections)
    ]
    return {"verdict": verdict, "claims": claims}


def with_model(settings: Settings, url: str, **more: Any) -> Settings:
    return settings.model_copy(update={"model_base_url": url, "model": "tiny-1"} | more)


def spent(stage: Stage, ticket: str) -> int:
    probe = CallKey(ticket_id=ticket, round=99, step="probe")
    limit = stage.settings.token_budget
    return limit - stage.stores.budgets.reserve(probe, limit + 1, limit).left


async def test_a_working_model_answers_and_its_tokens_are_counted(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    endpoint.will = {"Triage": [TRIAGE], "Answer": [answer()], "Review": [review("accept")]}
    async with staged(client, with_model(settings, endpoint.url)) as stage:
        ticket = await stage.submit(question())
        outcome = await stage.result(ticket)
        assert (outcome.kind, outcome.engine) == (OutcomeKind.ANSWERED, "tiny-1")
        assert endpoint.asked == ["Triage", "Answer", "Review"]
        assert spent(stage, ticket) == 3 * (PROMPT_TOKENS + ANSWER_TOKENS)
        [said] = stage.said(ticket)
        assert SAID in said
        assert "Engine: tiny-1" in said


async def test_a_reviewer_who_wants_it_revised_gets_exactly_one_second_round(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    endpoint.will = {
        "Triage": [TRIAGE],
        "Answer": [answer("Links never expire."), answer()],
        "Review": [review("revise", "the guide says 72 hours"), review("revise")],
    }
    async with staged(client, with_model(settings, endpoint.url)) as stage:
        ticket = await stage.submit(question())
        outcome = await stage.result(ticket)
        assert endpoint.asked == ["Triage", "Answer", "Review", "Answer", "Review"]
        assert outcome.kind is OutcomeKind.ANSWERED
        assert "72 hours" in stage.said(ticket)[-1]
        assert "never expire" not in stage.said(ticket)[-1]


@pytest.mark.parametrize("objections", [(), ("that is not what was asked",)])
async def test_a_reviewer_who_abstains_twice_is_believed(
    client: Client, settings: Settings, endpoint: Endpoint, objections: tuple[str, ...]
) -> None:
    endpoint.will = {
        "Triage": [TRIAGE],
        "Answer": [answer()],
        "Review": [review("abstain", *objections), review("abstain")],
    }
    async with staged(client, with_model(settings, endpoint.url)) as stage:
        outcome = await stage.result(await stage.submit(question()))
        assert endpoint.asked.count("Review") == 2
        assert outcome.kind is OutcomeKind.HANDED_OVER


async def test_an_answer_that_cites_nothing_real_is_never_given(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    endpoint.will = {
        "Triage": [TRIAGE],
        "Answer": [answer("Zebras graze peacefully near Windhoek.", "K1"), answer(SAID, "K99")],
        "Review": [review("accept")],
    }
    async with staged(client, with_model(settings, endpoint.url)) as stage:
        ticket = await stage.submit(question())
        outcome = await stage.result(ticket)
        assert "Zebras" not in stage.said(ticket)[-1]
    # What stands is what rules quote, and it is not named after the model.
    assert (outcome.kind, outcome.engine) == (OutcomeKind.ANSWERED, EXTRACTIVE)


@pytest.mark.parametrize("trouble", ["garbage", "refusing", "rejecting", "out of budget"])
async def test_a_model_that_cannot_be_used_hands_over_what_was_found(
    client: Client, settings: Settings, endpoint: Endpoint, trouble: str
) -> None:
    endpoint.will = {"Triage": [TRIAGE], "Answer": [{"stance": 7}], "Review": [review("accept")]}
    more: dict[str, Any] = {}
    if trouble == "rejecting":
        endpoint.will["Answer"] = [401]
    if trouble == "refusing":
        endpoint.will["Answer"] = ["I cannot help with that."]
    if trouble == "out of budget":
        more["token_budget"] = 6000
    async with staged(client, with_model(settings, endpoint.url, **more)) as stage:
        ticket = await stage.submit(question())
        outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert outcome.engine == "tiny-1"
        assert "mendwheel.think gave up" in outcome.reason
        [said] = stage.said(ticket)
        assert "Handed over" in said
        assert "What was found so far" in said
        assert "Export links" in said
        assert stage.stores.outcomes.latest(ticket) == outcome


async def test_a_model_that_is_down_or_too_slow_is_given_up_on_after_a_few_tries(
    client: Client, tmp_path: Path, endpoint: Endpoint
) -> None:
    """Two stages side by side: the pauses between tries are real time."""
    endpoint.will = {"Triage": [TRIAGE]}
    endpoint.delay = 3600.0
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but nobody listens
        down = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        # Refused at once, however slow this machine is: nothing there waits for a timeout.
        places = {"down": (down, 60.0), "slow": (endpoint.url, 0.5)}
        async with AsyncExitStack() as stages:
            outcomes = await asyncio.gather(
                *[
                    _outcome(
                        await stages.enter_async_context(
                            staged(
                                client,
                                with_model(
                                    own_settings(tmp_path / name, name),
                                    url,
                                    model_timeout_seconds=seconds,
                                ),
                            )
                        )
                    )
                    for name, (url, seconds) in places.items()
                ]
            )
    for (outcome, said, tries), why, failure in zip(
        outcomes,
        ("cannot be reached", "took longer than the timeout"),
        ("unavailable", "timeout"),
        strict=True,
    ):
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert outcome.engine == "tiny-1"
        assert why in outcome.reason
        assert why in said
        # By the call log: a try may be over before its request is out.
        assert tries == [("triage", failure)] * 4
    assert set(endpoint.asked) == {"Triage"}
    assert len(endpoint.asked) <= 4


async def _outcome(stage: Stage) -> tuple[Any, str, list[tuple[str, str]]]:
    ticket = await stage.submit(question())
    outcome = await stage.result(ticket)
    assert stage.stores.outcomes.latest(ticket) == outcome
    [said] = stage.said(ticket)
    calls = stage.stores.calls.list(ticket_id=ticket)
    return outcome, said, [(call.agent, call.failure) for call in calls]
