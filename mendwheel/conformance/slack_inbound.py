"""What comes from Slack: who may send, what is answered in time, what counts once or not at all."""

import asyncio
import json
import time
from typing import Any

from mendwheel.conformance.promise import expect, promise
from mendwheel.conformance.stage import Stage, refused, taken
from mendwheel.testing.slack_mail import Signing
from mendwheel.testing.slack_state import APP, BOT, BOT_USER


async def _nothing_from(stage: Stage, signing: Signing, what: str) -> str:
    channel = stage.channel()
    answer = await stage.slack.command(
        *(stage.events, stage.words(), "U0ALICE", channel),
        command=stage.command,
        signing=signing,
    )
    refused(answer, f"a command {what}")
    await stage.silent(lambda: len(stage.said(channel)), f"messages after a command {what}")
    return f"{answer.status}, and nothing happened"


@promise("slack-wrong-signature", "A request with a wrong signature is refused.")
async def wrong_signature(stage: Stage) -> str:
    wrong = Signing(secret=stage.slack.signing_secret[::-1])
    return await _nothing_from(stage, wrong, "with a wrong signature")


@promise("slack-no-signature", "A request without a signature is refused.")
async def no_signature(stage: Stage) -> str:
    return await _nothing_from(stage, Signing(secret=""), "without a signature")


@promise("slack-old-request", "A request that was signed more than five minutes ago is refused.")
async def old_request(stage: Stage) -> str:
    return await _nothing_from(stage, Signing(age=310), "signed 310 s ago")


@promise("slack-url-verification", "The challenge by which Slack verifies an address is returned.")
async def url_verification(stage: Stage) -> str:
    body = {"type": "url_verification", "challenge": "prove-it", "token": "verification"}
    answer = await stage.slack.raw(stage.events, json.dumps(body).encode())
    taken(answer, "the challenge")
    expect("prove-it" in answer.body, f"the answer does not hold the challenge: {answer.body[:80]}")
    return "returned"


@promise("slack-answer-in-time", "A command is answered within three seconds.")
async def answer_in_time(stage: Stage) -> str:
    answer = await stage.order(stage.channel())
    taken(answer, "a command")
    return f"after {answer.seconds * 1000:.0f} ms"


@promise("slack-command-shows", "A command leads to a message in its channel.")
async def command_shows(stage: Stage) -> str:
    channel, started = stage.channel(), time.monotonic()
    taken(await stage.order(channel), "a command")
    await stage.until(lambda: stage.said(channel), "a message in the channel")
    return f"after {time.monotonic() - started:.1f} s"


@promise("slack-empty-command", "A command without words is answered, too.")
async def empty_command(stage: Stage) -> str:
    form = stage.slack.command_form("", "U0ALICE", stage.channel(), stage.command)
    answer = await stage.slack.command(stage.events, "", form=form)
    taken(answer, "an empty command")
    return f"after {answer.seconds * 1000:.0f} ms"


@promise("slack-same-command-twice", "The same command sent three times makes one message.")
async def same_command(stage: Stage) -> str:
    usual, channel = await stage.usual_cards(), stage.channel()
    form = stage.slack.command_form(stage.words(), "U0ALICE", channel, stage.command)
    for _ in range(3):
        await stage.slack.command(stage.events, "", form=form)
    found = await stage.settled(lambda: len(stage.cards(channel)), "a message")
    expect(found == usual, f"{found} messages, and {usual} for a command sent once")
    return f"{found}, as for one"


@promise("slack-many-commands", "Five people's commands at the same moment are five tickets.")
async def many_commands(stage: Stage) -> str:
    usual, channel = await stage.usual_cards(), stage.channel()
    texts = [stage.words() for _ in range(5)]
    await asyncio.gather(*(stage.order(channel, text) for text in texts))
    found = await stage.settled(
        lambda: len(stage.cards(channel)), f"{5 * usual} messages", least=5 * usual
    )
    expect(found == 5 * usual, f"{found} messages for five commands, and {usual} for one")
    return f"{found} messages"


@promise("slack-mention-thread", "A mention is answered in the thread of the mention.")
async def mention_thread(stage: Stage) -> str:
    channel = stage.channel()
    message, answers = await stage.slack.mention(stage.events, stage.words(), channel=channel)
    taken(answers[0], "a mention")
    await stage.settled(lambda: len(stage.said(channel)), "an answer to the mention")
    said = stage.said(channel)
    away = [each for each in said if each.thread_ts != message.ts]
    expect(not away, f"{len(away)} of {len(said)} messages stand outside of the thread")
    return f"{len(said)} in the thread"


@promise("slack-redelivered-event", "An event delivered three times acts as one delivered once.")
async def redelivered(stage: Stage) -> str:
    async def thread(times: int) -> int:
        channel = stage.channel()
        await stage.slack.mention(stage.events, stage.words(), channel=channel, times=times)
        return await stage.settled(lambda: len(stage.said(channel)), "an answer to a mention")

    once, often = await asyncio.gather(thread(1), thread(3))
    expect(once == often, f"{often} messages for three deliveries, {once} for one")
    return f"{once} either way"


@promise("slack-direct-message", "A direct message is answered.")
async def direct_message(stage: Stage) -> str:
    user = stage.slack.space.add_user(f"U0D{stage.channel()}", "Dora").id
    direct = stage.slack.space.direct(user).id
    _, answers = await stage.slack.say(stage.events, stage.words(), user, direct)
    taken(answers[0], "a direct message")
    await stage.until(lambda: stage.said(direct), "an answer to a direct message")
    return "answered"


async def _ignored(stage: Stage, what: str, **event: Any) -> str:
    """An event that no person's words came with, in a conversation that is answered."""
    user = stage.slack.space.add_user(f"U0I{stage.channel()}", "Ida").id
    direct = stage.slack.space.direct(user).id
    ts = stage.slack.space.say(direct, user, "Hello.").ts  # so that a reply has a place
    around = {"type": "message", "channel": direct, "channel_type": "im", "ts": ts, "event_ts": ts}
    said = {"user": user, "text": stage.words()} if "message" not in event else {}
    taken(await stage.slack.event(stage.events, {**around, **said, **event}), what)
    await stage.silent(lambda: len(stage.said(direct)), f"messages after {what}")
    return "nothing happened"


@promise("slack-own-messages", "What the app itself writes is no ticket.")
async def own_messages(stage: Stage) -> str:
    return await _ignored(stage, "its own message", user=BOT_USER, bot_id=BOT, app_id=APP)


@promise("slack-other-bots", "What other bots write is no ticket.")
async def other_bots(stage: Stage) -> str:
    return await _ignored(stage, "a bot's message", subtype="bot_message", bot_id="B0OTHER")


@promise("slack-edits", "An edited message is no second ticket.")
async def edits(stage: Stage) -> str:
    message = {"type": "message", "user": "U0ALICE", "text": stage.words(), "ts": "1.000100"}
    event = {"message": message, "previous_message": {**message, "text": "before"}}
    return await _ignored(stage, "an edit", subtype="message_changed", hidden=True, **event)


@promise("slack-joins", "Somebody joining a channel is no ticket.")
async def joins(stage: Stage) -> str:
    return await _ignored(stage, "a join", subtype="channel_join")


@promise("slack-unknown-action", "A click on a button that nobody knows any more is answered.")
async def unknown_action(stage: Stage) -> str:
    message = stage.slack.space.say(stage.channel(), BOT_USER, "old", by_app=True)
    answer = await stage.slack.click(stage.events, "long_gone", "1", message=message)
    taken(answer, "a click on an unknown button")
    return f"{answer.status}"


@promise("slack-unknown-user", "A command of somebody whom users.info does not know is taken.")
async def unknown_user(stage: Stage) -> str:
    channel = stage.channel()
    taken(await stage.order(channel, user="U0GHOST"), "the command")
    await stage.until(lambda: stage.said(channel), "a message in the channel")
    return "taken"


@promise("slack-garbage", "Signed nonsense is refused, and the next command is taken.")
async def garbage(stage: Stage) -> str:
    answer = await stage.slack.raw(stage.events, b"{nonsense")
    expect(0 < answer.status < 500, f"it got {answer.status}: {answer.body[:80]}")
    await stage.alive()
    return f"{answer.status}, and alive"
