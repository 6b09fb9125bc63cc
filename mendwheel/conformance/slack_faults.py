"""Slack fails in the middle of a write. People must see one message, and the app must live on."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from mendwheel.conformance.promise import Broken, expect, promise
from mendwheel.conformance.stage import Stage
from mendwheel.testing.faults import Fault

POST = "chat.postMessage"
_LOOKS = (POST, "conversations.history", "conversations.replies")


async def after_the_fault(stage: Stage, fault: Fault, looks: Callable[[], int]) -> None:
    """Wait until the app has met the fault, and then until it has looked again.

    An app that never looks again is waited for as long as patience lasts.
    """
    await stage.until(lambda: fault.spent, "the request that was to fail")
    before = looks()
    with contextlib.suppress(Broken):
        await stage.until(lambda: looks() > before, "another look")


async def _one(stage: Stage, kind: str, **more: Any) -> tuple[str, Fault]:
    """A command whose first message meets `kind`: (what was seen, the fault)."""
    usual, channel = await stage.usual_cards(), stage.channel()
    fault = stage.slack.fault(POST, kind, at=channel, hold=stage.hold, **more)
    await stage.order(channel)

    def looks() -> int:
        calls = [each for each in list(stage.slack.calls) if each.method in _LOOKS]
        return sum(1 for each in calls if each.args.get("channel") == channel)

    await after_the_fault(stage, fault, looks)
    found = await stage.settled(lambda: len(stage.cards(channel)), "a message after the fault")
    expect(found == usual, f"{found} messages, and {usual} without the fault")
    return f"{found} message", fault


@promise("slack-rate-limited", "After 429 the app waits as long as it is told, and posts once.")
async def rate_limited(stage: Stage) -> str:
    seen, fault = await _one(stage, "rate_limited", retry_after=2)
    posts = [each for each in stage.slack.calls_of(POST) if each.args["channel"] == fault.at]
    later = [each.at - fault.met_at[0] for each in posts]
    again = min((each for each in later if each > 0), default=0.0)
    expect(again >= 1.9, f"it came back after {again:.1f} s, and was told to wait for 2")
    return f"{seen}, after {again:.1f} s"


@promise("slack-unavailable", "After 503 the message is posted once.")
async def unavailable(stage: Stage) -> str:
    return (await _one(stage, "unavailable"))[0]


@promise("slack-answer-lost", "A message whose answer was lost is not posted again.")
async def answer_lost(stage: Stage) -> str:
    return (await _one(stage, "executed_answer_lost"))[0]


@promise("slack-answer-late", "A message that was posted without an answer is not posted again.")
async def answer_late(stage: Stage) -> str:
    return (await _one(stage, "timeout", executes=True))[0]


@promise("slack-late-write", "A message that lands after its sender gave up is not posted again.")
async def late_write(stage: Stage) -> str:
    return (await _one(stage, "in_flight"))[0]


@promise("slack-update-refused", "A change that Slack turns away is made up for.")
async def update_refused(stage: Stage) -> str:
    channel = stage.channel()
    fault = stage.slack.fault("chat.update", "rate_limited", at=channel, retry_after=1)
    await stage.order(channel)
    await stage.settled(lambda: len(stage.said(channel)) + fault.met, "a message")
    if not fault.spent:
        return "it changes no message"

    def done() -> int:
        updates = stage.slack.calls_of("chat.update")
        return sum(1 for each in updates if each.args.get("channel") == channel and each.done)

    await stage.settled(done, "a change of the message after a refusal")
    return f"{done()} changes came through"


@promise("slack-channel-gone", "A channel that is archived meanwhile stops nothing but itself.")
async def channel_gone(stage: Stage) -> str:
    channel = stage.channel()
    stage.slack.space.channel(channel).archived = True
    await stage.order(channel)
    await asyncio.sleep(stage.calm)
    await stage.alive()
    return "alive"
