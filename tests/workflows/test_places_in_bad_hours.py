"""Places that are slow or away: nothing said meanwhile is lost, and nobody waits for them."""

import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.client import Client

from mendwheel.contracts.messages import Closure
from mendwheel.domain.card import Card, Message
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import FactKind, OutcomeFact, OutcomeKind, Standing
from mendwheel.domain.state import TicketInput
from mendwheel.domain.ticket import Phase
from mendwheel.ports import PlaceError
from mendwheel.testing.board import InMemoryBoard
from tests.workflows.stage import Stage, eventually, own_settings, staged
from tests.workflows.tickets import incident, question

SLOW = 2.0


class SlowBoard(InMemoryBoard):
    """Takes its time, where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.slow: set[str] = set()
        self.begun: list[Card] = []

    def show(self, place: str, reference: str, card: Card) -> None:
        self.begun.append(card)
        if place in self.slow:
            time.sleep(SLOW)
        super().show(place, reference, card)

    def say(self, place: str, reference: str, message: Message, key: EffectKey) -> str:
        if place in self.slow:
            time.sleep(SLOW)
        return super().say(place, reference, message, key)


@pytest.fixture
def board() -> SlowBoard:
    return SlowBoard()


@pytest.fixture
async def stage(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest, board: SlowBoard
) -> AsyncIterator[Stage]:
    settings = own_settings(tmp_path, request.node.name, watch_window=3600.0).model_copy(
        update={"oncall_url": "http://127.0.0.1:9/", "oncall_key": SecretStr("k" * 16)}
    )
    async with staged(client, settings, boards={"slack": board}) as stage:
        yield stage


def channel() -> str:
    return f"slack:C{os.urandom(4).hex().upper()}"


async def _answer_under_way(stage: Stage, board: SlowBoard) -> tuple[str, str]:
    """A ticket whose place is slow to take the answer, and that place."""
    place = channel()
    board.slow.add(place)
    ticket = await stage.submit(question(place=place))
    await stage.until(ticket, Phase.WRITE_BACK)
    return ticket, place


async def test_an_original_that_ends_while_its_duplicate_tells_people_holds_nothing_up(
    stage: Stage, board: SlowBoard
) -> None:
    ticket, place = await _answer_under_way(stage, board)
    closure = Closure(ticket_id="mendwheel-default-cli-other", kind=OutcomeKind.FIXED)
    await stage.handle(ticket).signal("closure", closure)
    await stage.until(ticket, Phase.WATCH)
    assert len(board.said[place]) == 2


async def test_what_is_said_while_a_round_hands_over_is_in_the_next(
    stage: Stage, board: SlowBoard
) -> None:
    ticket = await _handing_over(stage, board)
    await stage.intake.inform(ticket, "grace", "And it is only one region.", "two")
    await stage.question(ticket, round=2)
    said = (await _started_with(stage, ticket)).state.information
    assert [each.delivery_id for each in said] == ["one", "two"]


async def test_a_cancellation_while_a_round_hands_over_is_recorded(
    stage: Stage, board: SlowBoard
) -> None:
    ticket = await _handing_over(stage, board)
    await stage.handle(ticket).cancel()
    outcome = await stage.result(ticket)
    assert (outcome.kind, outcome.round) == (OutcomeKind.CANCELLED, 2)
    assert stage.stores.outcomes.latest(ticket) is not None


async def test_a_place_that_is_away_keeps_no_approval_from_counting_at_the_other(
    stage: Stage, board: SlowBoard
) -> None:
    away, there = channel(), channel()
    board.for_good[away] = PlaceError("slack", "503", "away", retryable=True)
    ticket = await stage.submit(incident("leak", place=away, show_in=[there]))
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="grace")
    await stage.until(ticket, Phase.WRITE_BACK)


async def test_a_place_that_joins_after_the_answer_is_shown_the_answer(
    stage: Stage, board: SlowBoard
) -> None:
    one, other = channel(), channel()
    draft = question(place=one)
    ticket = await stage.submit(draft)
    await stage.until(ticket, Phase.WATCH)
    await stage.intake.submit(draft.model_copy(update={"place": other}))
    await eventually(lambda: _is(other in board.cards))
    assert "72 hours" in board.cards[other][-1].diagnosis
    assert "72 hours" in board.cards[one][-1].diagnosis


@pytest.mark.parametrize("late", ["reopen", "inform"])
async def test_what_is_said_while_the_last_card_is_written_starts_the_next_round(
    stage: Stage, board: SlowBoard, late: str
) -> None:
    ticket, place = await _last_card_under_way(stage, board)
    if late == "reopen":
        await stage.intake.reopen(ticket, "mary")
    else:
        await stage.intake.inform(ticket, "mary", "It is still broken.")
    status = await stage.until(ticket, lambda s: s.round == 2 and s.phase is Phase.WATCH)
    assert status.outcome is not None
    assert len(board.said[place]) == 2


async def test_a_fact_that_comes_while_the_last_card_is_written_is_kept(
    stage: Stage, board: SlowBoard
) -> None:
    ticket, _ = await _last_card_under_way(stage, board)
    await stage.intake.observe(ticket, _fact("f-2", FactKind.THUMBS_DOWN))
    await stage.result(ticket)
    assert [fact.id for fact in stage.stores.outcomes.facts(ticket)] == ["f-1", "f-2"]


async def test_who_took_it_over_while_the_answer_was_written_revokes_it(
    stage: Stage, board: SlowBoard
) -> None:
    ticket, _ = await _answer_under_way(stage, board)
    await stage.intake.take_over(ticket, "grace")
    outcome = await stage.result(ticket)
    assert outcome.standing is Standing.REVOKED
    kept = stage.stores.outcomes.latest(ticket)
    assert kept is not None
    assert kept.standing is Standing.REVOKED


async def test_nobody_is_called_when_somebody_has_just_taken_over(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak", place=channel()))
    await stage.question(ticket)
    await stage.intake.take_over(ticket, "grace")
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.HANDED_OVER
    history = await stage.handle(ticket).fetch_history()
    called = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert "mendwheel.publish" in called
    assert "mendwheel.call_out" not in called


async def _handing_over(stage: Stage, board: SlowBoard) -> str:
    """A ticket whose question was superseded, and whose place is slow to take that in."""
    place = channel()
    ticket = await stage.submit(incident("leak", place=place))
    await stage.question(ticket)
    board.slow.add(place)
    await stage.intake.inform(ticket, "grace", "It began after the release.", "one")
    await eventually(lambda: _is(any(card.decided == "superseded" for card in board.begun)))
    return ticket


async def _last_card_under_way(stage: Stage, board: SlowBoard) -> tuple[str, str]:
    """A watched ticket that has just come to its end, and its place, which is slow to take that."""
    place = channel()
    draft = question(place=place)
    ticket = await stage.submit(draft)
    await stage.until(ticket, Phase.WATCH)
    board.slow.add(place)
    begun = len(board.begun)
    await stage.intake.submit(draft.model_copy(update={"place": channel()}))
    await eventually(lambda: _is(len(board.begun) > begun))
    await stage.intake.observe(ticket, _fact("f-1", FactKind.REASSIGNED))
    await stage.until(ticket, Phase.CLOSED)
    return ticket, place


def _fact(name: str, kind: FactKind) -> OutcomeFact:
    return OutcomeFact(id=name, kind=kind, who="tom", at=datetime.now(UTC))


async def _is(what: bool) -> bool:
    return what


async def _started_with(stage: Stage, ticket: str) -> TicketInput:
    history = await stage.handle(ticket).fetch_history()
    given = history.events[0].workflow_execution_started_event_attributes.input.payloads
    [start] = await stage.client.data_converter.decode(given, [TicketInput])
    assert isinstance(start, TicketInput)
    return start
