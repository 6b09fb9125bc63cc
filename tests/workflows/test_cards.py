"""People see one card a place, kept up to date; a place that fails stops nothing."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.domain.card import Card, MessageKind, TaskState
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import FactKind, Outcome, OutcomeFact, OutcomeKind
from mendwheel.domain.place import PlaceRule, Verbosity
from mendwheel.integrations.reach import DecisionRefused
from mendwheel.ports import Board, PlaceError
from mendwheel.settings import Settings
from mendwheel.testing.board import InMemoryBoard
from tests.workflows.stage import Stage, eventually, staged
from tests.workflows.tickets import incident, question


@pytest.fixture
def board() -> InMemoryBoard:
    return InMemoryBoard()


@pytest.fixture
async def stage(client: Client, settings: Settings, board: InMemoryBoard) -> AsyncIterator[Stage]:
    async with staged(client, settings, boards={"slack": board, "jira": board}) as stage:
        yield stage


def channel() -> str:
    return f"slack:C{os.urandom(4).hex().upper()}"


def rule(place: str, **what: Any) -> PlaceRule:
    return PlaceRule.model_validate({"place": place} | what)


async def test_a_card_is_written_once_and_ends_with_the_answer(
    stage: Stage, board: InMemoryBoard
) -> None:
    place = channel()
    ticket = await stage.submit(question(place=place))
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.ANSWERED
    last = board.cards[place][-1]
    assert (last.final, last.outcome) == (True, OutcomeKind.ANSWERED)
    assert "72 hours" in last.diagnosis
    assert last.evidence
    assert last.evidence[0].number == 1
    assert "[1]" in last.diagnosis
    assert {task.state for task in last.tasks} == {TaskState.COMPLETE}
    [final] = board.said[place]
    assert (final.kind, final.feedback) == (MessageKind.FINAL, True)
    [kept] = stage.said(ticket)
    assert "[K1]" in kept
    assert "[1]" in final.text
    assert "[K1]" not in final.text
    assert "- \\[1\\] Export links" in final.text
    assert stage.stores.threads.ticket(f"{place}/card@{place}") == ticket


async def test_every_place_of_a_ticket_is_told(stage: Stage, board: InMemoryBoard) -> None:
    one, other = channel(), f"jira:OPS-{int.from_bytes(os.urandom(3))}"
    ticket = await stage.submit(question(place=one, show_in=[other]))
    await stage.result(ticket)
    assert board.cards[one][-1].outcome is board.cards[other][-1].outcome
    assert [len(board.said[place]) for place in (one, other)] == [1, 1]
    assert board.cards[one][-1].links[-1].title == other


async def test_every_place_is_told_of_the_round_after_a_reopen(
    stage: Stage, board: InMemoryBoard
) -> None:
    one, other = channel(), f"jira:OPS-{int.from_bytes(os.urandom(3))}"
    ticket = await stage.submit(question(place=one, show_in=[other]))
    await stage.result(ticket)
    await stage.intake.reopen(ticket, "mary", "it still expires")
    assert (await stage.result(ticket)).round == 2
    assert [len(board.said[place]) for place in (one, other)] == [2, 2]
    assert board.cards[one][-1].outcome is board.cards[other][-1].outcome


async def test_every_place_is_told_by_the_run_that_takes_a_terminated_one_up(
    stage: Stage, board: InMemoryBoard
) -> None:
    one, other = channel(), channel()
    ticket = await stage.submit(incident("leak", place=one, show_in=[other]))
    await stage.question(ticket)

    async def shown() -> bool:
        return {one, other} <= board.cards.keys()

    await eventually(shown)  # of a place without a card nobody knows once the run is gone
    await stage.handle(ticket).terminate("in a hurry")
    await stage.intake.reopen(ticket, "mary")
    await stage.question(ticket)
    await stage.decisions.decide(ticket, False, subject="ada")
    await stage.result(ticket)
    assert [board.cards[place][-1].final for place in (one, other)] == [True, True]


async def test_a_place_that_joins_later_gets_a_card_of_its_own(
    stage: Stage, board: InMemoryBoard
) -> None:
    one, other = channel(), channel()
    draft = incident("leak", place=one)
    ticket = await stage.submit(draft)
    await stage.question(ticket)
    again = await stage.intake.submit(draft.model_copy(update={"place": other}))
    assert again.ticket_id == ticket

    async def shown() -> bool:
        return other in board.cards

    await eventually(shown)
    assert board.cards[other][-1].approval is not None
    await stage.decisions.decide(ticket, False, subject="ada")
    await stage.result(ticket)
    assert [len(board.said[place]) for place in (one, other)] == [2, 1]


async def test_buttons_go_when_somebody_has_decided(stage: Stage, board: InMemoryBoard) -> None:
    place = channel()
    ticket = await stage.submit(incident("leak", place=place))
    await asked(board, place)
    assert board.cards[place][-1].approval is not None
    assert board.cards[place][-1].remedy is not None
    await stage.decisions.decide(ticket, True, subject="ada")
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.FIXED
    last = board.cards[place][-1]
    assert (last.approval, last.decided) == (None, "approved by ada")
    assert last.remedy is not None
    assert last.remedy.standing == "fixed"
    assert [message.kind for message in board.said[place]] == [
        MessageKind.ASKED,
        MessageKind.FINAL,
    ]


async def test_a_place_that_refuses_is_named_on_the_card_of_the_other(
    stage: Stage, board: InMemoryBoard
) -> None:
    gone, there = channel(), channel()
    board.for_good[gone] = PlaceError("slack", "channel_not_found", "the channel is gone: invite")
    ticket = await stage.submit(question(place=gone, show_in=[there]))
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.ANSWERED
    assert gone not in board.cards
    assert board.cards[there][-1].problem == "the channel is gone: invite"
    assert len(board.said[there]) == 1
    assert len(stage.said(ticket)) == 1


async def test_what_is_away_for_a_moment_is_told_once(stage: Stage, board: InMemoryBoard) -> None:
    place = channel()
    board.failing[place] = [
        PlaceError("slack", "ratelimited", "too fast", retryable=True, retry_after=0.2),
    ]
    board.lose_answers.add(place)
    ticket = await stage.submit(question(place=place))
    await stage.result(ticket)
    assert board.cards[place][-1].final
    assert len(board.said[place]) == 1


async def test_a_human_who_takes_over_gets_what_was_found(
    stage: Stage, board: InMemoryBoard
) -> None:
    place = channel()
    ticket = await stage.submit(incident("leak", place=place))
    await stage.question(ticket)
    await stage.intake.take_over(ticket, "slack:U7")
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.HANDED_OVER
    assert outcome.reason == "slack:U7 took it over"
    assert board.cards[place][-1].approval is None
    assert "What was found so far" in board.said[place][-1].text


async def test_a_human_who_is_faster_ends_the_run(stage: Stage) -> None:
    ticket = await stage.submit(incident("leak"))
    status = await stage.question(ticket)
    assert status.outcome is None
    fact = OutcomeFact(
        id="jira-1-status",
        kind=FactKind.RESOLVED_BY_HUMAN,
        who="jira:42",
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    await stage.intake.observe(ticket, fact)
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.RESOLVED_BY_HUMAN
    assert outcome.remedy is None
    assert [kept.id for kept in stage.stores.outcomes.facts(ticket)] == ["jira-1-status"]
    late = fact.model_copy(update={"id": "thanks", "kind": FactKind.THUMBS_UP})
    await stage.intake.observe(ticket, late)
    assert [kept.id for kept in stage.stores.outcomes.facts(ticket)] == ["jira-1-status", "thanks"]


async def test_edited_arguments_are_asked_anew_and_not_decided_by_their_author(
    stage: Stage,
) -> None:
    ticket = await stage.submit(incident("leak"))
    first = (await stage.question(ticket)).approval
    assert first is not None
    other = {name: f"{value}-canary" for name, value in first.arguments.items()}
    edit = {"channel": "slack", "request_id": first.request_id}
    with pytest.raises(DecisionRefused, match="may not decide"):
        await stage.decisions.amend(ticket, other, subject="slack:U9", **edit)
    with pytest.raises(DecisionRefused, match="arguments that are asked about"):
        await stage.decisions.amend(ticket, first.arguments, subject="ada", **edit)
    with pytest.raises(DecisionRefused, match="restart_service"):
        await stage.decisions.amend(ticket, {"service": ["no", "text"]}, subject="ada", **edit)
    reply = await stage.decisions.amend(ticket, other, subject="ada", **edit)
    assert reply.accepted

    async def asked_anew() -> bool:
        asked = stage.stores.questions.open(ticket)
        return asked is not None and asked.request_id != first.request_id

    await eventually(asked_anew)
    second = stage.stores.questions.open(ticket)
    assert second is not None
    assert (second.arguments, second.authors) == (other, ["ada"])
    with pytest.raises(DecisionRefused, match="nothing waits for this decision"):
        await stage.decisions.decide(ticket, True, subject="grace", request_id=first.request_id)
    with pytest.raises(DecisionRefused, match="edited it and cannot approve it alone"):
        await stage.decisions.decide(ticket, True, subject="ada")
    await stage.decisions.decide(ticket, False, subject="grace")
    outcome = await stage.result(ticket)
    assert outcome.decided_by == ["grace"]
    assert "arguments edited" in stage.actions(ticket)


async def test_a_quiet_place_hears_only_what_is_sure(
    client: Client, settings: Settings, board: InMemoryBoard
) -> None:
    loud, quiet, sure = channel(), channel(), channel()
    rules = [
        rule(quiet, verbosity=Verbosity.QUIET, quiet_above=1.0),
        rule(sure, verbosity=Verbosity.QUIET, quiet_above=0.01),
    ]
    ruled = settings.model_copy(update={"places": rules})
    async with staged(client, ruled, boards={"slack": board}) as stage:
        ticket = await stage.submit(question(place=loud, show_in=[quiet, sure]))
        await stage.result(ticket)
    assert quiet not in board.cards
    assert [card.final for card in board.cards[sure]] == [True]
    assert len(board.said[sure]) == len(board.said[loud]) == 1


async def test_a_rule_names_tenant_and_component_of_a_place(
    client: Client, settings: Settings, board: InMemoryBoard
) -> None:
    place, also = channel(), channel()
    rules = [rule(place, tenant="acme", component="billing", show_in=[also])]
    ruled = settings.model_copy(update={"places": rules})
    async with staged(client, ruled, boards={"slack": board}) as stage:
        ticket = await stage.submit(question(place=place))
        await stage.intake.inform(ticket, "mary", "one more thing")
        await stage.result(ticket)
        case = stage.stores.cases.get(ticket)
    assert ticket.startswith("mendwheel-acme-")
    assert case is not None
    assert case.head is not None
    assert case.head.component == "billing"
    assert also in board.cards


async def test_one_person_is_one_vote_whatever_channel_they_use(stage: Stage) -> None:
    stage.policy(needed=2)
    path = stage.settings.policy
    assert path is not None
    path.write_text(path.read_text("utf-8") + '[people]\nada = ["slack:U1", "jira:77"]\n', "utf-8")
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    first = await stage.decisions.decide(ticket, True, subject="slack:U1", channel="slack")
    assert first.waiting_for == 1
    for subject, edge in (("ada", "cli"), ("jira:77", "jira")):
        with pytest.raises(DecisionRefused, match="ada has decided already"):
            await stage.decisions.decide(ticket, True, subject=subject, channel=edge)
    await stage.decisions.decide(ticket, True, subject="grace")
    outcome = await stage.result(ticket)
    assert outcome.decided_by == ["ada", "grace"]


async def test_a_place_that_lets_us_in_later_is_told_how_it_ended(
    stage: Stage, board: InMemoryBoard
) -> None:
    place, there = channel(), channel()
    refusal = PlaceError("slack", "not_in_channel", "the bot is not in it: invite it")
    board.for_good[place] = refusal
    ticket = await stage.submit(incident("leak", place=place, show_in=[there]))

    async def said_to_be_refused() -> bool:
        return there in board.cards and board.cards[there][-1].problem == str(refusal)

    await eventually(said_to_be_refused)
    await stage.question(ticket)
    await asked(board, there)
    del board.for_good[place]
    await stage.decisions.decide(ticket, True, subject="ada")
    await stage.result(ticket)
    assert board.cards[place][-1].outcome is OutcomeKind.FIXED
    assert [message.kind for message in board.said[place]] == [MessageKind.FINAL]
    assert board.cards[there][-1].problem == ""


async def test_an_outcome_is_recorded_while_its_place_is_still_away(
    stage: Stage, board: InMemoryBoard
) -> None:
    place = channel()
    ticket = await stage.submit(incident("leak", place=place))
    await stage.question(ticket)
    await asked(board, place)
    away = PlaceError("slack", "503", "away", retryable=True, retry_after=0.5)
    board.for_good[place] = away
    await stage.decisions.decide(ticket, True, subject="ada")

    async def recorded() -> bool:
        return stage.stores.outcomes.latest(ticket) is not None

    await eventually(recorded)
    assert not board.cards[place][-1].final
    del board.for_good[place]
    outcome = await stage.result(ticket)
    assert outcome.kind is OutcomeKind.FIXED
    assert board.cards[place][-1].final


async def asked(board: InMemoryBoard, place: str) -> None:
    """Until the question has been put to the people there."""

    async def put() -> bool:
        return any(said.kind is MessageKind.ASKED for said in board.said.get(place, []))

    await eventually(put)


async def test_a_brief_place_is_not_reminded_and_nobody_is_in_quiet_hours(
    client: Client, settings: Settings, board: InMemoryBoard
) -> None:
    full, brief, sleeping = channel(), channel(), channel()
    now, hour = datetime.now(UTC), timedelta(hours=1)
    rules = [
        rule(brief, verbosity=Verbosity.BRIEF),
        rule(sleeping, quiet_hours=f"{now - hour:%H:%M}-{now + hour:%H:%M}"),
    ]
    ruled = settings.model_copy(update={"places": rules})
    async with staged(client, ruled, boards={"slack": board}) as stage:
        stage.policy(remind=0.03)
        ticket = await stage.submit(incident("leak", place=full, show_in=[brief, sleeping]))

        async def reminded() -> bool:
            return any(said.kind is MessageKind.REMINDER for said in board.said.get(full, []))

        await eventually(reminded)
        await stage.decisions.decide(ticket, False, subject="ada")
        await stage.result(ticket)
    for place in (brief, sleeping):
        kinds = [said.kind for said in board.said[place]]
        assert kinds == [MessageKind.ASKED, MessageKind.FINAL], place


class AwayAfterTheCard(InMemoryBoard):
    """One of its places does not answer any more once the ticket's card stands there."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def open_card(self, place: str, card: Card, key: EffectKey) -> str:
        reference = super().open_card(place, card, key)
        if place == self._place:
            away = PlaceError("slack", "503", "away", retryable=True, retry_after=0.5)
            self.for_good[place] = away
        return reference


async def test_a_question_reaches_a_card_whose_place_was_away_for_long(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mendwheel.workflows.timeouts.UPDATE", timedelta(seconds=2))
    monkeypatch.setattr("mendwheel.workflows.cards.AWAY", timedelta(seconds=1))
    place, there = channel(), channel()
    board = AwayAfterTheCard(place)
    async with staged(client, settings, boards={"slack": board}, fresh=False) as stage:
        ticket = await stage.submit(incident("leak", place=place, show_in=[there]))
        await asked(board, there)
        await asyncio.sleep(4)  # an update has been given up meanwhile
        assert board.cards[place][-1].approval is None
        del board.for_good[place]

        async def complete() -> bool:
            return board.cards[place][-1].approval is not None

        await eventually(complete)
        await stage.decisions.decide(ticket, False, subject="ada")
        await stage.result(ticket)


class Limited(InMemoryBoard):
    """Refuses updates with a limit that lasts longer than one of them is tried for."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.tried = list[float]()
        self.limit: PlaceError | None = PlaceError(
            "slack", "429", "too many", retryable=True, retry_after=seconds
        )

    def show(self, place: str, reference: str, card: Card) -> None:
        self.tried.append(time.monotonic())
        if self.limit is not None:
            raise self.limit
        super().show(place, reference, card)


async def test_a_place_that_asks_to_be_left_alone_for_long_is_left_alone_that_long(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mendwheel.workflows.timeouts.UPDATE", timedelta(seconds=1))
    monkeypatch.setattr("mendwheel.workflows.cards.AWAY", timedelta(seconds=0.2))
    board = Limited(seconds=3)
    async with staged(client, settings, boards={"slack": board}, fresh=False) as stage:
        ticket = await stage.submit(incident("leak", place=channel()))

        async def twice() -> bool:
            return len(board.tried) >= 2

        await eventually(twice)
        assert board.tried[1] - board.tried[0] >= 2.9
        board.limit = None
        await stage.decisions.decide(ticket, False, subject="ada")
        await stage.result(ticket)


class AwayAtTheEnd(InMemoryBoard):
    """Of two issues one cannot be closed, at which the chat is away while the other one closes."""

    def __init__(self, chat: str, refusing: str) -> None:
        super().__init__()
        self._chat, self._refusing = chat, refusing
        self._back_at = 0.0

    def conclude(self, place: str, reference: str, card: Card, outcome: Outcome) -> bool:
        if place == self._refusing:
            self._back_at = time.monotonic() + 2
            raise PlaceError("jira", "400", "the transition needs a field")
        time.sleep(1)
        return super().conclude(place, reference, card, outcome)

    def show(self, place: str, reference: str, card: Card) -> None:
        if place == self._chat and time.monotonic() < self._back_at:
            raise PlaceError("slack", "503", "away", retryable=True, retry_after=0.5)
        super().show(place, reference, card)


async def test_the_last_state_is_shown_where_an_update_before_it_was_given_up(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mendwheel.workflows.timeouts.UPDATE", timedelta(seconds=1.6))
    chat, refusing, other = channel(), "jira:OPS-1", "jira:OPS-2"
    board = AwayAtTheEnd(chat, refusing)
    both: dict[str, Board] = {"slack": board, "jira": board}
    async with staged(client, settings, boards=both, fresh=False) as stage:
        ticket = await stage.submit(question(place=chat, show_in=[refusing, other]))
        await stage.result(ticket)
    assert board.cards[chat][-1].problem == "the transition needs a field"
