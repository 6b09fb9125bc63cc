"""Running systems are looked at where senses are set up; what fails there stops no ticket."""

import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.activities import observing
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.observation import Observation
from mendwheel.integrations.drafts import Draft, File
from mendwheel.ports import LiveSense, SenseError
from mendwheel.settings import Settings
from tests.workflows.stage import Stage, staged
from tests.workflows.tickets import incident


class Scripted:
    """A sense that does what a test says."""

    def __init__(self, name: str, look: Callable[[], Any]) -> None:
        self.name = name
        self.looks = 0
        self._look = look

    def observe(self, *_: Any) -> Any:
        self.looks += 1
        return self._look()


def shows(file: File) -> Scripted:
    seen = Observation(
        title=file.name, media=file.media, text=file.text, url=f"https://watch.test/{file.name}"
    )
    return Scripted(f"live {file.name}", lambda: [seen])


@asynccontextmanager
async def looking(
    client: Client, settings: Settings, senses: list[Scripted]
) -> AsyncIterator[Stage]:
    live: list[LiveSense] = list(senses)
    async with staged(client, settings, senses=live) as stage:
        yield stage


def dossier_of(stage: Stage, ticket: str) -> list[Evidence]:
    outcome = stage.stores.outcomes.latest(ticket)
    assert outcome is not None
    assert outcome.dossier is not None
    return Dossier.model_validate_json(stage.stores.artifacts.get(outcome.dossier)).evidence


def bare(draft: Draft) -> Draft:
    return draft.model_copy(update={"files": []})


async def test_what_senses_show_leads_to_the_same_remedy_as_attachments(
    client: Client, settings: Settings
) -> None:
    draft = incident("leak")
    async with looking(client, settings, [shows(file) for file in draft.files]) as stage:
        ticket = await stage.submit(bare(draft))
        asked = (await stage.question(ticket)).approval
        assert asked is not None
        assert asked.tool == "restart_service"
        await stage.decisions.decide(ticket, False, subject="ada", note="only looking")
        await stage.result(ticket)
        seen = [item for item in dossier_of(stage, ticket) if item.kind is EvidenceKind.EXHIBIT]
    assert {item.url for item in seen} == {f"https://watch.test/{f.name}" for f in draft.files}


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda: 1 / 0, "failed (ZeroDivisionError)"),
        (lambda: "all is well", "returned something else"),
        (lambda: [{"title": "no model"}], "returned something else"),
    ],
)
async def test_a_sense_that_fails_costs_a_line(
    client: Client, settings: Settings, look: Callable[[], Any], said: str
) -> None:
    async with looking(client, settings, [Scripted("broken", look)]) as stage:
        ticket = await stage.submit(bare(incident("leak")))
        outcome = await stage.result(ticket)
        [line] = [item for item in dossier_of(stage, ticket) if item.source == "broken"]
    assert outcome.reason
    assert said in line.text


async def test_a_system_that_refuses_is_named_with_the_way_out(
    client: Client, settings: Settings
) -> None:
    def refuse() -> Any:
        raise SenseError("https://metrics.test refuses the token: set another one")

    async with looking(client, settings, [Scripted("metrics", refuse)]) as stage:
        ticket = await stage.submit(bare(incident("leak")))
        await stage.result(ticket)
        [line] = [item for item in dossier_of(stage, ticket) if item.source == "metrics"]
    assert line.text == "https://metrics.test refuses the token: set another one"


async def test_a_sense_that_hangs_is_left_behind_and_not_asked_again(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observing, "WITHIN", 0.3)
    released = threading.Event()
    hanging = Scripted("hanging", lambda: released.wait(30) and [])
    try:
        async with looking(client, settings, [hanging]) as stage:
            for expected in ("did not answer within", "still hangs"):
                ticket = await stage.submit(bare(incident("leak")))
                await stage.result(ticket)
                found = [i.text for i in dossier_of(stage, ticket) if i.source == "hanging"]
                assert expected in found[0]
    finally:
        released.set()
    assert hanging.looks == 1


async def test_secrets_in_what_a_sense_shows_are_not_kept(
    client: Client, settings: Settings
) -> None:
    leak = "password=hunter2-hunter2 in the environment"
    seen = Scripted("logs", lambda: [Observation(title="log", media="logs", text=leak)])
    async with looking(client, settings, [seen]) as stage:
        ticket = await stage.submit(bare(incident("leak")))
        await stage.result(ticket)
        [kept] = [item for item in dossier_of(stage, ticket) if item.source == "logs"]
        assert kept.artifact is not None
        whole = stage.stores.artifacts.get(kept.artifact)
    assert "hunter2" not in kept.text + whole


async def test_a_dry_run_does_not_look_at_what_runs_today(
    client: Client, settings: Settings
) -> None:
    sense = Scripted("metrics", list)
    async with looking(client, settings, [sense]) as stage:
        ticket = await stage.submit(bare(incident("leak")), dry_run=True)
        await stage.result(ticket)
    assert sense.looks == 0


async def test_systems_named_in_the_settings_are_looked_at(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    at = datetime.now(UTC) - timedelta(minutes=10)
    change = {"time": at.isoformat(), "component": "search-index", "version": "7.2"}
    path = tmp_path / "changes.jsonl"
    path.write_text(json.dumps(change) + "\n", "utf-8")
    told = settings.model_copy(update={"changes_file": path})
    async with looking(client, told, []) as stage:
        ticket = await stage.submit(bare(incident("leak")))
        await stage.question(ticket)
        await stage.decisions.decide(ticket, False, subject="ada", note="only looking")
        await stage.result(ticket)
        [seen] = [item for item in dossier_of(stage, ticket) if item.media == "changes"]
    assert "7.2" in seen.text


def test_small_observations_leave_their_room_to_large_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observing, "KEPT", 50)
    monkeypatch.setattr(observing, "KEPT_OF_A_LOOK", 100)
    assert observing._room([]) == observing._room([10, 1000]) == 50
    assert observing._room([10, 1000, 1000]) == 45
    assert observing._room([1000] * 20) == 5
    assert observing._room([5] * 20) == 50


async def test_twenty_large_observations_are_cut_to_what_can_be_kept_in_time(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observing, "KEPT_OF_A_LOOK", 20_000)
    flood = Observation(title="token=abcd1234efgh5678", media="tool", text="x y z\n" * 10_000)
    async with looking(client, settings, [Scripted("tools", lambda: [flood] * 20)]) as stage:
        ticket = await stage.submit(bare(incident()))
        await stage.result(ticket)
        found = [each for each in dossier_of(stage, ticket) if each.source == "tools"]
        assert found
        for each in found:
            assert each.artifact is not None
            assert each.artifact.size <= 1000
            assert "abcd1234" not in each.title
