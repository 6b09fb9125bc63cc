"""What was given up is kept, and done after all exactly once when a person says so."""

import asyncio
import json
import os
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from temporalio.client import Client

from mendwheel.activities import recording
from mendwheel.activities.letters import LettersDesk
from mendwheel.cli.app import run
from mendwheel.domain.card import Message, MessageKind
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.letter import DeadLetter, LetterKind, LetterStanding
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.retries import Retries
from mendwheel.ports import PlaceError
from mendwheel.settings import Settings
from mendwheel.testing.board import InMemoryBoard
from tests.workflows.stage import Stage, staged
from tests.workflows.tickets import incident, question

OUT = PlaceError("slack", "not_in_channel", "not in the channel: invite @mendwheel")


class Deaf(InMemoryBoard):
    """Where told to, refuses messages, concluding, or the answer to what it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.mute = self.stuck = self.lies = False

    def say(self, place: str, reference: str, message: Message, key: EffectKey) -> str:
        if self.mute:
            raise OUT
        said = super().say(place, reference, message, key)
        if self.lies:
            raise PlaceError("slack", "fatal_error", "it broke, having written")
        return said

    def conclude(self, *what: object) -> bool:  # type: ignore[override]
        if self.stuck:
            raise PlaceError("jira", "no_transition", "no way to Done: check the workflow")
        return super().conclude(*what)  # type: ignore[arg-type]


@pytest.fixture
def board() -> Deaf:
    return Deaf()


@pytest.fixture
async def stage(client: Client, settings: Settings, board: Deaf) -> AsyncIterator[Stage]:
    settings = settings.model_copy(
        update={"oncall_url": "http://127.0.0.1:9/", "oncall_key": SecretStr("k" * 16)}
    )
    async with staged(client, settings, boards={"slack": board, "jira": board}) as stage:
        yield stage


def channel() -> str:
    return f"slack:C{os.urandom(4).hex().upper()}"


def letters(stage: Stage) -> dict[str, DeadLetter]:
    """The open ones, by kind; one of each."""
    found = stage.stores.letters.list()
    assert len({each.kind for each in found}) == len(found)
    return {each.kind.value: each for each in found}


def retries(stage: Stage) -> Retries:
    return Retries(stage.client, stage.settings)


async def test_a_message_refused_for_good_is_kept_and_written_once_by_two_retries_at_once(
    stage: Stage, board: Deaf
) -> None:
    place, board.mute = channel(), True
    ticket = await stage.submit(question(place=place))
    assert (await stage.result(ticket)).kind is OutcomeKind.ANSWERED
    [letter] = stage.stores.letters.list()
    assert (letter.kind, letter.key.target) == (LetterKind.MESSAGE, place)
    assert "invite @mendwheel" in letter.reason

    still = await retries(stage).retry(letter.key, who="ada")
    assert (still.done, still.refused) == (False, False)
    assert "invite @mendwheel" in still.said
    assert stage.stores.letters.count() == 1

    board.mute = False
    both = await asyncio.gather(
        *(retries(stage).retry(letter.key, who=who) for who in ("ada", "grace"))
    )
    assert any(each.done for each in both)
    [said] = board.said[place]
    assert said.kind is MessageKind.FINAL
    later = await retries(stage).retry(letter.key, who="ada")
    assert later.refused
    assert "done already" in later.said
    assert len(board.said[place]) == 1
    rows = stage.stores.audit.read(ticket)
    assert ("effect given up", "mendwheel") in [(row["action"], row["actor"]) for row in rows]
    assert {"ada", "grace"} & {row["actor"] for row in rows if row["action"] == "effect retried"}


async def test_a_message_given_up_by_one_version_is_said_in_the_words_of_the_next(
    stage: Stage, board: Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, board.mute = channel(), True
    await stage.result(await stage.submit(question(place=place)))
    [letter] = stage.stores.letters.list()
    before = recording.message
    monkeypatch.setattr(recording, "message", lambda *given: f"Hello. {before(*given)}")
    board.mute = False

    assert (await retries(stage).retry(letter.key, who="ada")).done

    [said] = board.said[place]
    assert said.text.startswith("Hello. ")


async def test_what_a_place_had_written_before_it_refused_is_found_and_not_written_again(
    stage: Stage, board: Deaf
) -> None:
    place, board.lies = channel(), True
    await stage.result(await stage.submit(question(place=place)))
    [letter] = stage.stores.letters.list()
    board.lies = False
    done = await retries(stage).retry(letter.key, who="ada")
    assert (done.done, done.said) == (True, f"was there already 1@{place}")
    assert len(board.said[place]) == 1


async def test_a_place_that_never_took_the_card_gets_card_and_message_in_this_order(
    stage: Stage, board: Deaf
) -> None:
    place = channel()
    board.for_good[place] = OUT
    await stage.result(await stage.submit(question(place=place)))
    kept = letters(stage)
    assert set(kept) == {"card", "message"}
    board.for_good.clear()
    early = await retries(stage).retry(kept["message"].key, who="ada")
    assert early.refused
    assert f"retry {kept['card'].key} first" in early.said
    for kind in ("card", "message"):
        assert (await retries(stage).retry(kept[kind].key, who="ada")).done
    assert board.cards[place][-1].outcome is OutcomeKind.ANSWERED
    assert len(board.said[place]) == 1
    assert stage.stores.letters.list() == []


async def test_a_card_that_was_shown_since_is_not_put_back_to_what_was_given_up(
    stage: Stage, board: Deaf
) -> None:
    place = channel()
    board.failing[place] = [OUT]
    ticket = await stage.submit(incident("leak", place=place))
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    await stage.result(ticket)
    card = EffectKey(ticket_id=ticket, round=0, step="card", target=place)
    standing = stage.stores.letters.get(card)
    assert standing is not None
    assert standing.standing is LetterStanding.DONE
    assert (await retries(stage).retry(card, who="ada")).refused


async def test_a_status_and_a_call_that_failed_are_kept_and_the_status_set_on_retry(
    stage: Stage, board: Deaf
) -> None:
    place, board.stuck = f"jira:OPS-{int.from_bytes(os.urandom(3))}", True
    await stage.result(await stage.submit(question(place=place)))
    letter = letters(stage)["conclusion"]
    assert "no way to Done" in letter.reason
    board.stuck = False
    assert (await retries(stage).retry(letter.key, who="ada")).done
    assert [each.kind for each in board.concluded[place]] == [OutcomeKind.ANSWERED]


async def test_a_question_that_is_answered_is_not_asked_again(stage: Stage, board: Deaf) -> None:
    place, board.mute = channel(), True
    ticket = await stage.submit(incident("leak", place=place))
    await stage.question(ticket)
    await stage.decisions.decide(ticket, False, subject="ada", note="no")
    await stage.result(ticket)
    board.mute = False
    kept = stage.stores.letters.list()
    [asked] = [each for each in kept if "publish-asked" in each.key.step]
    refused = await retries(stage).retry(asked.key, who="ada")
    assert refused.refused
    assert "not open any more" in refused.said
    assert place not in board.said


async def test_the_command_line_lists_retries_and_discards_by_keys_that_can_be_copied(
    stage: Stage, board: Deaf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    board.mute = True
    for place in (channel(), channel()):
        await stage.result(await stage.submit(question(place=place)))
    board.mute = False
    address = stage.client.service_client.config.target_host
    for name, value in {
        "HOME": str(stage.settings.home),
        "TASK_QUEUE": stage.settings.task_queue,
        "TEMPORAL_ADDRESS": address,
        "USER": "ada",
    }.items():
        monkeypatch.setenv(f"MENDWHEEL_{name}", value)
    monkeypatch.chdir(stage.settings.home)

    async def cli(*words: str) -> tuple[int, str]:
        code = await asyncio.to_thread(run, ["effects", *words])
        return code, capsys.readouterr().out

    code, said = await cli("list")
    one, other = said.splitlines()[::2]
    assert (code, "invite @mendwheel" in said) == (0, True)
    assert (await cli("retry", one))[0] == 0
    assert (await cli("retry", one))[0] == 5
    assert (await cli("discard", other, "--note", "told them by phone"))[0] == 0
    assert (await cli("retry", other))[0] == 5
    assert (await cli("discard", f"{other}x", "--note", "n"))[0] == 4
    assert (await cli("retry", f"{other}x"))[0] == 4
    assert (await cli("retry", "nonsense"))[0] == 2
    assert (await cli("list")) == (0, "nothing was given up\n")
    shown = json.loads((await cli("list", "--all", "--json"))[1])["effects"]
    assert [(each["standing"], each["ended_by"]) for each in shown] == [
        ("done", "ada"),
        ("discarded", "ada"),
    ]
    assert len(board.said) == 1
    assert "effect discarded" in stage.actions(EffectKey.parse(other).ticket_id)


async def test_a_note_that_cannot_be_kept_ends_no_ticket(
    stage: Stage, board: Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise ValueError("a bug")

    monkeypatch.setattr(LettersDesk, "_moot", broken)
    board.mute = True
    outcome = await stage.result(await stage.submit(question(place=channel())))
    assert outcome.kind is OutcomeKind.ANSWERED
