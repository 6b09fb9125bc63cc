"""Mentions, threads and direct messages: what becomes a ticket, what is news for one."""

from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.domain.hint import Hint
from mendwheel.domain.outcome import FactKind, OutcomeKind
from mendwheel.domain.ticket import Information, Report
from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.inbox import SlackInbox
from mendwheel.integrations.slack.transcript import TEXT, Line, transcript
from mendwheel.ports import PlaceError
from mendwheel.testing.slack_side import SlackSide
from mendwheel.testing.slack_state import BOT_USER
from tests.integrations.slack_site import CHANNEL, SlackSite, site, slack_settings
from tests.workflows.stage import eventually
from tests.workflows.tickets import QUESTION

pytestmark = pytest.mark.usefixtures("own_platform")

ALICE, BOB = "U0ALICE", "U0BOB"


@pytest.fixture
def settings(slack: SlackSide, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    return slack_settings(tmp_path, request.node.name, slack)


def ticket_of(channel: str, ts: str) -> str:
    return f"mendwheel-default-slack-{channel}-{ts}"


async def test_a_redelivered_mention_a_shortcut_and_the_message_itself_are_one_ticket(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        message, answers = await slack.mention(here.url, QUESTION, times=3)
        assert [answer.status for answer in answers] == [200, 200, 200]
        ticket = ticket_of(CHANNEL, message.ts)
        shortcut = await slack.shortcut(here.url, names.RESOLVE_THIS, BOB, message)
        assert shortcut.ok
        assert ticket in (await here.told(BOB)).text
        assert (await here.stage.result(ticket)).kind is OutcomeKind.ANSWERED
        assert here.tickets() == [ticket]
        [card] = [m for m in slack.messages(CHANNEL, by_app=True) if "Export" in str(m.blocks)][:1]
        assert card.thread_ts == message.ts, "it answers where it was asked"
        assert not here.shown(ALICE)


async def test_a_reply_is_information_once_whichever_events_tell_of_it(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        ticket, root = await _open(here)
        text = f"<@{BOT_USER}> the export link, since 09:40"
        reply, _ = await slack.say(here.url, text, BOB, thread_ts=root, times=2)
        mention = slack.event_of(reply) | {"type": "app_mention"}
        assert (await slack.event(here.url, mention)).ok
        said = await _informed(here, ticket)
        assert set(said) == {f"slack-{CHANNEL}-{reply.ts}"}
        assert said[f"slack-{CHANNEL}-{reply.ts}"] == (
            "slack:U0BOB", "the export link, since 09:40"
        )  # fmt: skip


async def test_thanks_are_a_fact_and_no_information(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        ticket, root = await _open(here)
        for text in ("Thanks!", "👍", ":+1:"):
            await slack.say(here.url, text, BOB, thread_ts=root)
        observed = await here.observed(ticket)
        assert {fact.kind for fact in observed} == {FactKind.THUMBS_UP}
        assert len({fact.id for fact in observed}) == 1
        assert await here.informed(ticket) == []


async def test_what_we_others_and_apps_write_is_not_taken_in(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        ticket, root = await _open(here)
        await slack.say(here.url, "our own words", BOT_USER, thread_ts=root)
        await slack.say(here.url, "by an app", BOB, thread_ts=root, bot_id="B0OTHER")
        for subtype in ("message_changed", "message_deleted", "channel_join", "bot_message"):
            await slack.say(here.url, "not said", BOB, thread_ts=root, subtype=subtype)
        await slack.say(here.url, "elsewhere", BOB)
        other = slack.space.say(CHANNEL, BOB, "another thread")
        await slack.say(here.url, "in another thread", BOB, thread_ts=other.ts)
        await slack.say(here.url, "with a file", BOB, thread_ts=root, subtype="file_share",
                        files=[{"name": "trace.log"}])  # fmt: skip
        assert [text for _, text in (await _informed(here, ticket)).values()] == [
            "with a file\n[file: trace.log]"
        ]
        assert here.stores.threads.ticket(f"slack:{CHANNEL}/{other.ts}") is None


async def test_a_reply_after_the_end_starts_nothing_until_somebody_reopens(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        message, _ = await slack.mention(here.url, QUESTION)
        ticket = ticket_of(CHANNEL, message.ts)
        await here.stage.result(ticket)
        reply, _ = await slack.say(here.url, "it still expires", BOB, thread_ts=message.ts)
        shown = await here.told(BOB)
        button = shown.blocks[1]["elements"][0]
        assert button["action_id"] == names.REOPEN
        latest = here.stores.outcomes.latest(ticket)
        assert latest is not None
        assert latest.round == 1
        for _ in range(2):
            assert (await slack.click(here.url, names.REOPEN, button["value"], BOB, reply)).ok
        await here.stage.until(ticket, lambda s: s.outcome is not None and s.outcome.round == 2)
        began = (await here.stage.handle(ticket).fetch_history()).events[0]
        [start] = here.stage.client.data_converter.payload_converter.from_payloads(
            began.workflow_execution_started_event_attributes.input.payloads, [dict]
        )
        [said] = start["state"]["information"]
        assert said["author"] == "slack:U0BOB"


async def test_a_mention_in_a_thread_takes_the_whole_thread_in_once(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        root = slack.space.say(CHANNEL, ALICE, "the *export link* &amp; its mail are gone")
        slack.space.say(CHANNEL, BOB, "since <https://x.example|09:40>", thread_ts=root.ts)
        slack.space.say(CHANNEL, BOT_USER, "a card", thread_ts=root.ts, by_app=True)
        for _ in range(2):
            _, [answer] = await slack.mention(
                here.url, "please look", BOB, thread_ts=root.ts
            )  # the second one is news
            assert answer.ok
            ticket = ticket_of(CHANNEL, root.ts)
            await eventually(lambda: _bound(here, root.ts))
        case = here.stores.cases.get(ticket)
        assert case is not None
        assert case.head is not None
        assert case.title == "the *export link* & its mail are gone"
        assert case.reporter == "slack:U0BOB"
        body = Report.model_validate_json(here.stores.artifacts.get(case.head.report)).body
        lines = [line.partition("] ")[2] for line in body.splitlines()]
        assert lines[:3] == [
            "Alice: the *export link* & its mail are gone",
            "Bob: since 09:40 (https://x.example)",
            "Bob: please look",
        ]
        assert "a card" not in body
        assert here.tickets() == [ticket]


async def test_a_direct_message_starts_a_ticket_and_can_ask_about_it(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        direct = slack.space.direct(ALICE).id
        await slack.say(here.url, "thanks", ALICE, direct)
        message, _ = await slack.say(here.url, QUESTION, ALICE, direct, times=2)
        ticket = ticket_of(direct, message.ts)
        assert (await here.stage.result(ticket)).kind is OutcomeKind.ANSWERED
        await slack.say(here.url, "status", ALICE, direct)
        assert "answered" in (await here.told(ALICE)).text
        await slack.say(here.url, "help", ALICE, direct)
        assert "starts a ticket" in (await here.told(ALICE, after=1)).text
        assert here.tickets() == [ticket]


async def test_in_a_quiet_channel_the_author_alone_is_told_that_work_began(
    client: Client, slack: SlackSide, tmp_path: Path
) -> None:
    places = [{"place": f"slack:{CHANNEL}", "verbosity": "quiet", "tenant": "shop"}]
    settings = slack_settings(tmp_path, "quiet", slack, places=places)
    async with site(client, settings, slack, working=False) as here:
        message, _ = await slack.mention(here.url, QUESTION, BOB)
        shown = await here.told(BOB)
        assert f"mendwheel-shop-slack-{CHANNEL}-{message.ts}" in shown.text


# The inbox by itself


async def test_a_thread_that_cannot_be_read_is_said_with_its_way_out(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        inbox = SlackInbox(here.edge, settings)
        with pytest.raises(PlaceError, match=r"slack:C0GONE/1\.2: Slack refuses it") as refused:
            await inbox.take(_hint("C0GONE/1.2"))
        assert not refused.value.retryable
        root = slack.space.say(CHANNEL, ALICE, QUESTION)
        slack.fault("conversations.replies", "rate_limited", retry_after=7)
        with pytest.raises(PlaceError) as busy:
            await inbox.take(_hint(f"{CHANNEL}/{root.ts}"))
        assert (busy.value.retryable, busy.value.retry_after) == (True, 7)
        assert (await inbox.poll("")).hints == []


async def test_a_hint_taken_twice_is_one_ticket_and_loses_no_later_message(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        root = slack.space.say(CHANNEL, ALICE, QUESTION)
        for number in range(450):  # more than two pages
            slack.space.say(CHANNEL, BOB, f"detail {number}", thread_ts=root.ts)
        slack.fault("users.info", "unavailable")
        hint = _hint(f"{CHANNEL}/{root.ts}")
        first = await SlackInbox(here.edge, settings).take(hint)
        late = slack.space.say(CHANNEL, BOB, "one more thing", thread_ts=root.ts)
        again = await SlackInbox(here.edge, settings).take(hint)
        [ticket] = first.tickets
        assert (first.became, again.tickets) == ("ticket", [ticket])
        said = await _informed(here, ticket)
        assert said == {f"slack-{CHANNEL}-{late.ts}": ("slack:U0BOB", "one more thing")}


def test_a_long_thread_keeps_its_beginning_and_its_end() -> None:
    lines = [Line(ts=f"17000{n:05}.000100", author="Bob", text=f"{n} " * 20) for n in range(4000)]
    text = transcript(lines)
    assert len(text) <= TEXT
    assert text.startswith("[2023-11-14 ")
    assert " 3999 3999" in text.splitlines()[-1]
    assert "messages left out" in text


async def _open(here: SlackSite) -> tuple[str, str]:
    """A ticket that nobody has worked on yet, and the thread it is in."""
    message, [answer] = await here.slack.mention(here.url, QUESTION)
    assert answer.ok
    return ticket_of(CHANNEL, message.ts), message.ts


async def _informed(here: SlackSite, ticket: str) -> dict[str, tuple[str, str]]:
    """Author and text of what a ticket was told, by delivery."""
    said = await here.signalled(ticket, "inform", Information)
    texts = {each.delivery_id: here.stores.artifacts.get(each.text) for each in said}
    return {each.delivery_id: (each.author, texts[each.delivery_id]) for each in said}


async def _bound(here: SlackSite, root: str) -> bool:
    place = f"slack:{CHANNEL}/{root}"
    ticket = here.stores.threads.ticket(place)
    return ticket is not None and here.stores.cases.get(ticket) is not None


def _hint(key: str) -> Hint:
    return Hint(system="slack", key=key, delivery_id="d-1", event="app_mention", who="slack:U0BOB")
