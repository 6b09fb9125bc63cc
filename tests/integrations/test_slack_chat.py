"""Cards in Slack over real HTTP: against `emulate`, and against a Slack that fails on order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mendwheel.domain.card import Message, MessageKind
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.integrations.slack.chat import SlackBoard
from mendwheel.integrations.slack.client import async_client
from mendwheel.integrations.slack.errors import explained
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings
from mendwheel.testing import SlackMessage, SlackSide
from tests.cards import asked, card
from tests.counterparts import SlackCounterpart

PLACE = "slack:C0GENERAL"


def settings(tmp_path: Path, url: str, token: str) -> Settings:
    return Settings(
        home=tmp_path,
        slack_base_url=url,
        slack_bot_token=token,
        slack_signing_secret="signing-secret-of-tests",
    )


@pytest.fixture(scope="module")
def side() -> Iterator[SlackSide]:
    with SlackSide() as running:
        yield running


@pytest.fixture
def slack(side: SlackSide) -> SlackSide:
    """The side as if it were new: stopping one takes long."""
    side.faults.clear()
    side.calls.clear()
    side.space.channels["C0GENERAL"].messages.clear()
    return side


@pytest.fixture
def board(slack: SlackSide, tmp_path: Path) -> SlackBoard:
    return SlackBoard(settings(tmp_path, slack.base_url, slack.token))


@pytest.fixture
def emulated(emulate_slack: SlackCounterpart, tmp_path: Path) -> SlackBoard:
    return SlackBoard(settings(tmp_path, emulate_slack.url, emulate_slack.bot_token))


def key(step: str = "card", number: int = 1) -> EffectKey:
    return EffectKey(ticket_id=f"t-{number}", round=1, step=step, target=PLACE)


def message(text: str = "**hello**", **more: Any) -> Message:
    return Message(kind=MessageKind.REPLY, text=text, ticket_id="t-1", **more)


# --- emulate -----------------------------------------------------------------


def test_one_card_is_opened_updated_in_place_and_answered_in_its_thread(
    emulate_slack: SlackCounterpart, emulated: SlackBoard
) -> None:
    channel = emulate_slack.channel()
    place = f"slack:{channel}"
    reference = emulated.open_card(place, card(approval=asked()), key())
    emulated.show(place, reference, card("Done", final=True))
    said = emulated.say(place, reference, message(mention=["slack:U0BOB"]), key("say"))
    [posted] = emulate_slack.history(channel)
    assert reference == f"{channel}:{posted['ts']}"
    assert "Done" in posted["text"]
    assert [block["type"] for block in posted["blocks"]] == ["header", "section", "context"]
    [reply] = emulate_slack.replies(channel, posted["ts"])
    assert said == f"{channel}:{reply['ts']}"
    assert reply["blocks"][0]["text"]["text"] == "<@U0BOB>"
    assert emulated.thread(place, reference) == f"slack:{channel}/{posted['ts']}"


def test_what_was_written_under_a_key_is_found_again(
    emulate_slack: SlackCounterpart, emulated: SlackBoard
) -> None:
    channel = emulate_slack.channel()
    place = f"slack:{channel}"
    assert emulated.find_card(place, key()) is None
    first = emulated.open_card(place, card(), key())
    emulated.open_card(place, card(), key(number=2))
    assert emulated.find(place, first, key("say")) is None
    said = emulated.say(place, first, message(), key("say"))
    emulated.show(place, first, card("Changed"))
    assert emulated.find_card(place, key()) == first
    assert emulated.find(place, first, key("say")) == said
    assert emulated.find_card(place, key(number=3)) is None


def test_a_card_in_a_thread_is_a_reply_and_speaks_there(
    emulate_slack: SlackCounterpart, emulated: SlackBoard
) -> None:
    channel = emulate_slack.channel()
    root = emulate_slack.call("chat.postMessage", channel=channel, text="help")["ts"]
    place = f"slack:{channel}/{root}"
    reference = emulated.open_card(place, card(), key())
    said = emulated.say(place, reference, message(), key("say"))
    replies = emulate_slack.replies(channel, root)
    assert [f"{channel}:{reply['ts']}" for reply in replies] == [reference, said]
    assert emulated.find_card(place, key()) == reference
    assert emulated.find(place, reference, key("say")) == said
    assert emulated.thread(place, reference) == f"slack:{channel}/{root}"


def test_a_link_leads_to_the_card(emulate_slack: SlackCounterpart, emulated: SlackBoard) -> None:
    channel = emulate_slack.channel()
    reference = emulated.open_card(f"slack:{channel}", card(), key())
    link = emulated.link(f"slack:{channel}", reference)
    assert link
    assert link.url.endswith(f"/archives/{channel}/p{reference.split(':')[1].replace('.', '')}")
    assert emulated.link(f"slack:{channel}", f"{channel}:1.000001") is None


async def test_the_asynchronous_client_reads_and_writes(
    emulate_slack: SlackCounterpart, tmp_path: Path
) -> None:
    client = async_client(settings(tmp_path, emulate_slack.url, emulate_slack.bot_token))
    channel = emulate_slack.channel()
    posted = await client.chat_postMessage(channel=channel, text="hello")
    history = await client.conversations_history(
        channel=channel, limit=5, include_all_metadata=True
    )
    who = await client.auth_test()
    assert [each["ts"] for each in history["messages"]] == [posted["ts"]]
    assert who["user_id"] == emulate_slack.bot_user_id
    assert (await client.users_info(user=emulate_slack.users["mara"]))["user"]["name"] == "mara"


# --- a Slack that fails on order ---------------------------------------------


def test_slack_takes_the_card_with_its_buttons(slack: SlackSide, board: SlackBoard) -> None:
    board.open_card(PLACE, card(approval=asked()), key())
    [posted] = slack.messages("C0GENERAL")
    assert [each["type"] for each in posted.blocks][-1] == "actions"
    assert posted.text.startswith("Exports fail: Looking at it")
    args = slack.calls_of("chat.postMessage")[0].args
    assert (args["parse"], args["unfurl_links"], args["unfurl_media"]) == ("none", False, False)


def test_an_answer_that_was_lost_leaves_one_message_that_is_found(
    slack: SlackSide, board: SlackBoard
) -> None:
    slack.fault("chat.postMessage", "executed_answer_lost")
    with pytest.raises(PlaceError) as lost:
        board.open_card(PLACE, card(), key())
    assert lost.value.retryable
    [posted] = slack.messages("C0GENERAL")
    assert board.find_card(PLACE, key()) == f"C0GENERAL:{posted.ts}"
    assert len(slack.calls_of("chat.postMessage")) == 1


@pytest.mark.parametrize(
    ("kind", "more", "wait"),
    [
        ("rate_limited", {"retry_after": 7}, 7.0),
        ("rate_limited", {"retry_after": 60, "http_date": True}, 60.0),
        ("rate_limited", {"retry_after": None}, None),
        ("unavailable", {"retry_after": 3}, None),
        ("error", {"code": "internal_error"}, None),
        ("error", {"code": "ratelimited"}, None),
    ],
)
def test_what_may_pass_is_left_to_be_tried_again(
    slack: SlackSide, board: SlackBoard, kind: str, more: dict[str, Any], wait: float | None
) -> None:
    slack.fault("chat.postMessage", kind, **more)
    with pytest.raises(PlaceError) as caught:
        board.open_card(PLACE, card(), key())
    assert caught.value.retryable
    assert caught.value.retry_after == (wait and pytest.approx(wait, abs=2))
    assert len(slack.calls) == 1


def test_a_slack_that_does_not_answer_is_not_waited_for(slack: SlackSide, tmp_path: Path) -> None:
    hasty = SlackBoard(settings(tmp_path, slack.base_url, slack.token), timeout=0.3)
    slack.fault("*", "timeout", times=2)
    for ask in (hasty.find_card, partial(hasty.open_card, card=card())):
        with pytest.raises(PlaceError, match="did not answer in time") as caught:
            ask(PLACE, key=key())
        assert (caught.value.retryable, caught.value.kind) == (True, "timeout")


@pytest.mark.parametrize(
    ("code", "way_out"),
    [
        ("not_in_channel", "/invite @mendwheel"),
        ("channel_not_found", "check the id"),
        ("is_archived", "unarchive"),
        ("token_revoked", "MENDWHEEL_SLACK_BOT_TOKEN"),
        ("something_new", "docs.slack.dev"),
    ],
)
def test_what_will_not_pass_names_the_place_and_the_way_out(
    slack: SlackSide, board: SlackBoard, code: str, way_out: str
) -> None:
    slack.fault("chat.postMessage", "error", code=code)
    with pytest.raises(PlaceError, match=way_out) as caught:
        board.open_card(PLACE, card(), key())
    assert not caught.value.retryable
    assert caught.value.kind == code
    assert str(caught.value).startswith("slack:C0GENERAL: ")
    assert slack.token not in repr(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_scope_is_named(
    slack: SlackSide, board: SlackBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack.space, "scopes", frozenset({"chat:write"}))
    with pytest.raises(PlaceError, match="lacks the scope channels:history") as caught:
        board.find_card(PLACE, key())
    assert not caught.value.retryable


def test_a_card_that_is_gone_is_not_tried_again(slack: SlackSide, board: SlackBoard) -> None:
    with pytest.raises(PlaceError, match="somebody may have deleted it") as caught:
        board.show(PLACE, "C0GENERAL:1.000001", card())
    assert not caught.value.retryable


def test_what_slack_finds_too_long_is_written_once_more_at_half_the_length(
    slack: SlackSide, board: SlackBoard
) -> None:
    slack.fault("chat.postMessage", "error", code="msg_blocks_too_long")
    board.open_card(PLACE, card(diagnosis="word " * 3000), key())
    long, short = slack.calls_of("chat.postMessage")
    assert len(str(short.args["blocks"])) < len(str(long.args["blocks"])) * 0.7
    assert len(slack.messages("C0GENERAL")) == 1


def test_slack_out_of_reach_is_tried_again(tmp_path: Path) -> None:
    away = SlackBoard(settings(tmp_path, "http://127.0.0.1:9/api/", "xoxb-secret"))
    with pytest.raises(PlaceError, match="cannot be reached") as caught:
        away.open_card(PLACE, card(), key())
    assert caught.value.retryable
    assert "xoxb-secret" not in repr(caught.value)


def test_the_same_card_is_not_sent_twice_and_a_final_one_always(
    slack: SlackSide, board: SlackBoard
) -> None:
    reference = board.open_card(PLACE, card(), key())
    board.show(PLACE, reference, card())
    board.show(PLACE, reference, card("Next"))
    board.show(PLACE, reference, card("Next"))
    assert len(slack.calls_of("chat.update")) == 1
    board.show(PLACE, reference, card("Next", final=True))
    board.show(PLACE, reference, card("Next", final=True))
    assert len(slack.calls_of("chat.update")) == 3


def test_an_update_that_failed_is_sent_again(slack: SlackSide, board: SlackBoard) -> None:
    reference = board.open_card(PLACE, card(), key())
    slack.fault("chat.update", "unavailable")
    with pytest.raises(PlaceError):
        board.show(PLACE, reference, card("Next"))
    board.show(PLACE, reference, card("Next"))
    board.show(PLACE, reference, card())
    assert slack.messages("C0GENERAL")[0].text.startswith("Exports fail: Looking at it")


def chatter(slack: SlackSide, count: int, thread: str | None = None, ts: str = "") -> None:
    for _ in range(count):
        each = SlackMessage("C0GENERAL", ts or slack.space.ts(), "U0BOB", "…", thread_ts=thread)
        slack.space.channels["C0GENERAL"].messages.append(each)


def test_a_card_is_found_behind_hundreds_of_messages(slack: SlackSide, board: SlackBoard) -> None:
    reference = board.open_card(PLACE, card(), key())
    chatter(slack, 450)
    assert board.find_card(PLACE, key()) == reference


def test_a_message_is_found_at_the_end_of_a_very_long_thread(
    slack: SlackSide, board: SlackBoard
) -> None:
    reference = board.open_card(PLACE, card(), key())
    root = reference.partition(":")[2]
    chatter(slack, 900, thread=root, ts=f"{int(float(root)) - 90_000}.000001")
    said = board.say(PLACE, reference, message(), key("say"))
    assert board.find(PLACE, reference, key("say")) == said


def test_not_having_read_everything_in_time_is_not_the_same_as_not_finding_it(
    slack: SlackSide, board: SlackBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mendwheel.integrations.slack.chat.LOOK_WITHIN", -1.0)
    with pytest.raises(PlaceError) as caught:
        board.find_card(PLACE, key())
    assert caught.value.retryable


def test_a_message_of_somebody_else_is_not_taken_for_ours(
    slack: SlackSide, board: SlackBoard
) -> None:
    chatter(slack, 1)
    slack.messages("C0GENERAL")[0].metadata = {
        "event_type": "something_else",
        "event_payload": {"key": str(key())},
    }
    assert board.find_card(PLACE, key()) is None


def test_many_threads_write_side_by_side(slack: SlackSide, board: SlackBoard) -> None:
    def work(number: int) -> tuple[str, str | None]:
        reference = board.open_card(PLACE, card(f"Card {number}"), key(number=number))
        board.show(PLACE, reference, card(f"Card {number} changed"))
        board.say(PLACE, reference, message(str(number)), key("say", number))
        return reference, board.find_card(PLACE, key(number=number))

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(work, range(24)))
    assert all(reference == found for reference, found in written)
    cards = {each.ts: each for each in slack.messages("C0GENERAL") if each.root}
    replies = [each for each in slack.messages("C0GENERAL") if not each.root]
    assert len(cards) == len(replies) == 24
    for reply in replies:
        number = reply.blocks[0]["text"]["text"]
        assert f"Card {number} changed" in cards[str(reply.thread_ts)].text


def test_slack_keeps_nothing_besides_the_card(slack: SlackSide, board: SlackBoard) -> None:
    outcome = Outcome(ticket_id="t-1", round=1, kind=OutcomeKind.FIXED)
    reference = board.open_card(PLACE, card(), key())
    assert board.conclude(PLACE, reference, card(final=True), outcome) is False
    assert [call.method for call in slack.calls] == ["chat.postMessage"]


@pytest.mark.parametrize("place", ["jira:PROJ-7", "nowhere", ""])
def test_a_place_that_is_not_in_slack_is_refused(board: SlackBoard, place: str) -> None:
    with pytest.raises(PlaceError, match="slack:CHANNEL") as caught:
        board.open_card(place, card(), key())
    assert not caught.value.retryable


def test_a_reference_of_another_board_is_refused(board: SlackBoard) -> None:
    with pytest.raises(PlaceError, match="CHANNEL:TS"):
        board.show(PLACE, "10001", card())


async def test_errors_of_the_asynchronous_client_are_explained_alike(
    slack: SlackSide, tmp_path: Path
) -> None:
    client = async_client(settings(tmp_path, slack.base_url, slack.token))
    slack.fault("chat.postMessage", "rate_limited", retry_after=4)
    with pytest.raises(PlaceError) as busy, explained(PLACE):
        await client.chat_postMessage(channel="C0GENERAL", text="x")
    assert busy.value.retry_after == 4.0
    slack.fault("chat.postMessage", "executed_answer_lost")
    with pytest.raises(PlaceError) as lost, explained(PLACE):
        await client.chat_postMessage(channel="C0GENERAL", text="x")
    assert lost.value.retryable
    with pytest.raises(PlaceError, match="check the id") as gone, explained(PLACE):
        await client.chat_postMessage(channel="C0NOWHERE", text="x")
    assert not gone.value.retryable
