"""Live systems that show far too much, or garbage, or are slow: recorded, never acted upon."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.observation import Observation
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.drafts import Draft, File
from mendwheel.settings import Settings
from tests.faults.unruly import ended
from tests.workflows.stage import Stage, staged
from tests.workflows.tickets import broken, incident

CALM = "2026-05-04 09:00:00 INFO served a request in 12 ms\n"


class Shows:
    """A sense that shows the same to everybody, `after` so many seconds."""

    def __init__(self, name: str, media: str, text: str, after: float = 0.0) -> None:
        self.name = name
        self._seen = Observation(title=name, media=media, text=text)
        self._after = after

    def observe(self, *_: Any) -> list[Observation]:
        time.sleep(self._after)
        return [self._seen]


def exhibits(stage: Stage, ticket: str) -> list[Evidence]:
    outcome = stage.stores.outcomes.latest(ticket)
    assert outcome is not None
    assert outcome.dossier is not None
    text = stage.stores.artifacts.get(outcome.dossier)
    return Dossier.model_validate_json(text).of(EvidenceKind.EXHIBIT)


def bare(**fields: Any) -> Draft:
    return incident("leak").model_copy(update={"files": []} | fields)


@pytest.mark.parametrize("media", ["logs", "metrics", "topology", "tool"])
async def test_fifty_megabytes_of_a_live_system_are_kept_short_and_never_acted_upon(
    client: Client, settings: Settings, media: str
) -> None:
    text = CALM * (50_000_000 // len(CALM)) + "ERROR out of memory in worker 7\n"
    async with staged(client, settings, senses=[Shows("firehose", media, text)]) as stage:
        stage.policy(mode="live")
        ticket = await stage.submit(bare())
        outcome = await ended(stage, ticket)
        # A cause may be named from the error at the end; nothing is done about it.
        said = (OutcomeKind.HANDED_OVER, OutcomeKind.RUNBOOK, OutcomeKind.PROPOSED)
        assert outcome.kind in said
        assert broken()[1]["restarts"] == 0
        [seen] = exhibits(stage, ticket)
        assert len(seen.text) < 1000
        assert seen.artifact is not None
        assert "out of memory in worker 7" in stage.stores.artifacts.get(seen.artifact)
        history = await stage.handle(ticket).fetch_history()
        assert sum(event.ByteSize() for event in history.events) < 100_000


@pytest.mark.parametrize(
    "text",
    ["", "\x00\xff\x1b[2J" * 5000, "{" * 50_000, "time,a\n" + "x,y\n" * 9000, "a -> a\n" * 9000],
)
async def test_garbage_in_every_shape_that_is_parsed_is_no_cause(
    client: Client, settings: Settings, text: str
) -> None:
    kinds = ["metrics", "logs", "traces", "topology", "changes", "state"]
    senses = [Shows(f"live {media}", media, text) for media in kinds]
    async with staged(client, settings, senses=senses) as stage:
        stage.policy(mode="live")
        outcome = await ended(stage, await stage.submit(bare()))
        assert outcome.kind in (OutcomeKind.HANDED_OVER, OutcomeKind.RUNBOOK)
        assert broken()[1]["restarts"] == 0


async def test_two_tickets_at_once_are_both_shown_what_a_slow_system_says(
    client: Client, settings: Settings
) -> None:
    slow = Shows("slow", "logs", CALM, after=1.0)
    async with staged(client, settings, senses=[slow]) as stage:
        tickets = [await stage.submit(bare(), recall=False) for _ in range(2)]
        await asyncio.gather(*(stage.result(ticket) for ticket in tickets))
        for ticket in tickets:
            assert [item.media for item in exhibits(stage, ticket)] == ["logs"]


def gappy(text: str) -> str:
    """Every fifth line is missing."""
    return "".join(line for n, line in enumerate(text.splitlines(True)) if not n or n % 5)


def noisy(text: str) -> str:
    """Terminal colours and bytes that are no text."""
    return re.sub(r"(?m)^", "\x1b[31m\x00\ufffd\ufffd", text)


def skewed(text: str) -> str:
    """Its clock is two minutes ahead."""
    return re.sub(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
        lambda found: (datetime.fromisoformat(found[0]) + timedelta(minutes=2)).isoformat(),
        text,
    )


@pytest.mark.parametrize(
    ("harm", "media"), [(gappy, "metrics"), (noisy, "logs"), (skewed, "logs"), (skewed, "metrics")]
)
async def test_an_incident_is_still_understood_through_gaps_noise_and_clock_skew(
    client: Client, settings: Settings, harm: Callable[[str], str], media: str
) -> None:
    def harmed(file: File) -> File:
        return file.model_copy(update={"text": harm(file.text)}) if file.media == media else file

    draft = incident("leak")
    harmful = draft.model_copy(update={"files": [harmed(file) for file in draft.files]})
    assert harmful.files != draft.files
    async with staged(client, settings) as stage:
        stage.policy(mode="live")
        outcome = await stage.result(await stage.submit(harmful))
        assert (outcome.kind, outcome.component) == (OutcomeKind.FIXED, broken()[0])
