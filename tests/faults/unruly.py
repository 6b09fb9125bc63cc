"""What the tests of bad input share: a model that misbehaves, and how a ticket has to end."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client

from mendwheel.domain.outcome import Outcome
from mendwheel.plugin import MendwheelPlugin
from mendwheel.ports import Sense
from mendwheel.settings import Settings
from tests.faults.endpoint import Endpoint
from tests.workflows.stage import Stage, staged

CONSULTING = {"kind": "consulting", "severity": "low", "confidence": 0.9}
ANOMALY = {"kind": "anomaly", "severity": "high", "confidence": 0.9}
SAID = "A download link of an export works for 72 hours, then it expires."
BOUND = 25.0
"""Seconds within which even the worst model has been given up on."""


class Unruly(Endpoint):
    """An endpoint whose answer may also be `{"refusal": …}`, as the protocol has it."""

    def answer(self, output: str) -> tuple[int, dict[str, Any]]:
        said = self.will[output][0]
        self.refusal = said.get("refusal") if isinstance(said, dict) else None
        return super().answer(output)


def answer(text: str = SAID, cited: str = "K1", quote: str = "") -> dict[str, Any]:
    claims = [{"text": text, "evidence_ids": [cited], "quote": quote}]
    return {"stance": "answer", "claims": claims, "confidence": 0.9}


def cause(text: str, cited: str) -> dict[str, Any]:
    claims = [{"text": text, "evidence_ids": [cited]}]
    return {"stance": "cause", "component": "x", "claims": claims, "confidence": 0.9}


@asynccontextmanager
async def believing(
    client: Client,
    settings: Settings,
    endpoint: Endpoint,
    will: Mapping[str, list[Any]],
    *reads: Sense,
) -> AsyncIterator[Stage]:
    """A stage with a model that says what is written down, and a policy that acts unasked."""
    endpoint.will = {"Review": [{"verdict": "accept", "claims": []}], **will}
    told = {"model_base_url": endpoint.url, "model": "tiny-1", "token_budget": 400_000}
    settings = settings.model_copy(update=told)
    async with staged(client, settings, working=False) as stage:
        stage.policy(mode="live")
        stage.plugin = MendwheelPlugin(
            stage.settings, remedies=stage.remedies, reads=reads, strict=True, fresh=True
        )
        async with stage.worker(), stage.host():
            yield stage


async def ended(stage: Stage, ticket: str) -> Outcome:
    """The outcome: recorded, within bounds, with nothing done on the way."""
    before = time.monotonic()
    outcome = await stage.result(ticket)
    assert time.monotonic() - before < BOUND
    assert stage.stores.outcomes.latest(ticket) == outcome
    assert outcome.remedy is None
    assert not [action for action in stage.actions(ticket) if action.startswith("effect")]
    return outcome
