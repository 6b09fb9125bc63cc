"""A host's read that hangs, raises, returns anything or 50 MB costs an answer only itself."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.activities import reading
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import SenseError
from mendwheel.settings import Settings
from tests.faults.endpoint import Endpoint
from tests.faults.unruly import ANOMALY, CONSULTING, Unruly, answer, believing, ended
from tests.workflows.stage import Stage
from tests.workflows.tickets import broken, incident, question

ASKS = {"calls": [{"tool": "load", "query": "how busy is it?"}]}


class Load:
    """How busy the platform is."""

    name = "load"

    def __init__(self, will: Callable[[], Any]) -> None:
        self._will = will

    def look(self, ticket: Ticket, report: Report, query: str) -> Any:
        assert query == "how busy is it?"
        return self._will()


def raising(error: Exception) -> Callable[[], Any]:
    def raise_it() -> Any:
        raise error

    return raise_it


def reading_of(text: str) -> Evidence:
    return Evidence(kind=EvidenceKind.READING, title="load", source="load", text=text)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Unruly() as endpoint:
        yield endpoint


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a hanging read waits for; set at the end, so that its thread ends too."""
    event = threading.Event()
    yield event
    event.set()


def found(stage: Stage, outcome: Outcome) -> list[Evidence]:
    """What the ticket's readings said."""
    assert outcome.dossier is not None
    dossier = Dossier.model_validate_json(stage.stores.artifacts.get(outcome.dossier))
    return dossier.of(EvidenceKind.READING)


@pytest.mark.parametrize(
    ("will", "why"),
    [
        (raising(RuntimeError("token=hunter2")), "failed (RuntimeError)"),
        (raising(KeyError("load")), "failed (KeyError)"),
        (raising(SenseError("load: no such host: check load_url")), "check load_url"),
        (lambda: {"cpu": 0.93}, "returned dict instead of evidence"),
        (lambda: [None], "returned NoneType instead of evidence"),
    ],
)
async def test_a_read_that_raises_or_returns_something_else_is_a_line_of_the_dossier(
    client: Client, settings: Settings, endpoint: Endpoint, will: Callable[[], Any], why: str
) -> None:
    script = {"Triage": [CONSULTING], "Answer": [ASKS, answer()]}
    async with believing(client, settings, endpoint, script, Load(will)) as stage:
        outcome = await ended(stage, await stage.submit(question()))
        assert outcome.kind is OutcomeKind.ANSWERED
        [line] = found(stage, outcome)
        assert (line.title, why in line.text) == ("load could not be read", True)
        assert "hunter2" not in line.text


async def test_a_read_that_hangs_holds_up_one_ticket_briefly_and_no_other(
    client: Client,
    settings: Settings,
    endpoint: Endpoint,
    never: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "WITHIN", 1.0)
    started: list[float] = []

    def hang() -> list[Evidence]:
        started.append(time.monotonic())
        never.wait()
        return []

    script = {"Triage": [CONSULTING], "Answer": [ASKS, answer(), ASKS, answer()]}
    async with believing(client, settings, endpoint, script, Load(hang)) as stage:
        for why in ("did not answer within", "still hangs in an earlier look"):
            outcome = await ended(stage, await stage.submit(question()))
            assert outcome.kind is OutcomeKind.ANSWERED
            assert why in found(stage, outcome)[0].text
        assert len(started) == 1


async def test_an_incident_whose_read_hangs_is_handed_over_and_nothing_is_restarted(
    client: Client,
    settings: Settings,
    endpoint: Endpoint,
    never: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "WITHIN", 0.5)
    script = {"Triage": [ANOMALY], "Cause": [ASKS, {"stance": "unknown"}]}
    async with believing(client, settings, endpoint, script, Load(never.wait)) as stage:
        outcome = await ended(stage, await stage.submit(incident("leak")))
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert broken()[1]["restarts"] == 0


async def test_fifty_megabytes_from_a_read_reach_neither_the_prompt_nor_history(
    client: Client, settings: Settings, endpoint: Endpoint
) -> None:
    line = "2026-05-04 09:00:00 INFO served a request in 12 ms\n"
    text = line * (50_000_000 // len(line)) + "ERROR out of memory in worker 7\n"
    script = {"Triage": [CONSULTING], "Answer": [ASKS, answer()]}
    async with believing(
        client, settings, endpoint, script, Load(lambda: [reading_of(text)])
    ) as stage:
        ticket = await stage.submit(question())
        outcome = await ended(stage, ticket)
        assert outcome.kind is OutcomeKind.ANSWERED
        [read] = found(stage, outcome)
        assert len(read.text) <= reading.TEXT
        assert "out of memory in worker 7" in read.text
        assert read.artifact is not None
        history = await stage.handle(ticket).fetch_history()
        assert sum(event.ByteSize() for event in history.events) < 100_000
