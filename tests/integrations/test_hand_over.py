"""A human has to go on: who is named where, and who is called, but for quiet hours."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.place import PlaceRule
from mendwheel.testing.board import InMemoryBoard
from tests.integrations.test_oncall import Service
from tests.listening import listening
from tests.workflows.stage import Stage, eventually, own_settings, staged
from tests.workflows.tickets import incident, set_state_file

GROUP = "slack:S0ONCALL"


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with listening(service.server):
        yield service


@pytest.fixture
def board() -> InMemoryBoard:
    return InMemoryBoard()


Ruled = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def ruled(
    client: Client,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    service: Service,
    board: InMemoryBoard,
) -> Ruled:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)

    @asynccontextmanager
    async def made(*rules: PlaceRule) -> AsyncIterator[Stage]:
        more = {
            "places": list(rules),
            "oncall_url": service.url,
            "oncall_key": SecretStr("k" * 16),
        }
        settings = own_settings(tmp_path, request.node.name).model_copy(update=more)
        async with staged(client, settings, boards={"slack": board}) as stage:
            yield stage

    return made


def channel() -> str:
    return f"slack:C{os.urandom(4).hex().upper()}"


def around_now() -> str:
    now, hour = datetime.now(UTC), timedelta(hours=1)
    return f"{now - hour:%H:%M}-{now + hour:%H:%M}"


async def refused(stage: Stage, **where: Any) -> None:
    """A grave incident whose remedy somebody says no to: a human has to go on."""
    draft = incident("leak", **where)
    ticket = await stage.submit(draft.model_copy(update={"body": f"URGENT\n{draft.body}"}))
    await stage.question(ticket)
    await stage.decisions.decide(ticket, False, subject="grace")
    assert (await stage.result(ticket)).kind is OutcomeKind.HANDED_OVER


async def test_who_goes_on_is_named_at_the_place_and_called_once(
    ruled: Ruled, board: InMemoryBoard, service: Service
) -> None:
    place, other = channel(), channel()
    async with ruled(PlaceRule(place=place, hand_over_to=[GROUP])) as stage:
        await refused(stage, place=place, show_in=[other])
        await eventually(lambda: _is(len(service.taken) == 1))
    assert board.said[place][-1].mention == [GROUP]
    assert board.said[other][-1].mention == []
    [(_, body)] = service.taken
    assert body["event_action"] == "trigger"


async def test_in_quiet_hours_nobody_is_named_or_called(
    ruled: Ruled, board: InMemoryBoard, service: Service
) -> None:
    quiet = channel()
    rule = PlaceRule(place=quiet, hand_over_to=[GROUP], quiet_hours=around_now())
    async with ruled(rule) as stage:
        await refused(stage, place=quiet)
    assert board.said[quiet], "it is told all the same"
    assert all(said.mention == [] for said in board.said[quiet])
    assert service.taken == []


async def _is(what: bool) -> bool:
    return what
