"""What an app writes to Slack: valid for any ticket, safe for its readers, and in one place."""

from collections.abc import Iterator

from mendwheel.conformance.promise import Broken, expect, promise
from mendwheel.conformance.stage import Stage
from mendwheel.testing.slack_mentions import mentions
from mendwheel.testing.slack_side import SlackCall

WRITES = ("chat.postMessage", "chat.update", "chat.postEphemeral")
_HOSTILE = (
    "# Heading\n```\ncode without an end\n* a\n  * b\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    "<b>bold</b> [link](javascript:alert(1)) &amp; &lt;tag&gt; \u202eright to left\u202c \x1b[31m"
    " `tick` *star* _under_ ~tilde~ :tada: \U0001f9ef "
)
_CALLS = (
    "Everybody look: <!channel> <!here|here> <!everyone> <@U0BOB> <!subteam^S0OPS|ops>"
    " @channel @here &lt;!channel&gt; checkout answers 502 since the release at 14:10,"
    " for every third request."
)
AT_MOST_EVERY = 0.9
"""Seconds between two updates of a message; Slack says about one, and networks jitter."""


def hostile(length: int) -> str:
    """Text with everything that breaks messages, `length` characters long."""
    first = "Checkout answers 502 since the release at 14:10. "
    return (first + _HOSTILE * (length // len(_HOSTILE) + 1))[:length]


def _writes(stage: Stage, channel: str | None = None) -> Iterator[SlackCall]:
    for call in list(stage.slack.calls):
        if call.method in WRITES and (channel is None or call.args.get("channel") == channel):
            yield call


def _no_problems(stage: Stage, channel: str | None = None) -> int:
    """How many writes there were. Raises Broken: Slack refused one for its shape."""
    count = 0
    for call in _writes(stage, channel):
        count += 1
        shape = call.error.startswith(("invalid_", "msg_", "no_text", "markdown_", "metadata_"))
        if shape and call.error != "invalid_auth":
            raise Broken(f"{call.method} was refused: {call.error} {call.detail}")
    return count


@promise(
    "slack-hostile-ticket", "A hostile ticket of 39,000 characters is shown within all limits."
)
async def hostile_ticket(stage: Stage) -> str:
    channel = stage.channel()
    await stage.slack.mention(stage.events, hostile(39_000), channel=channel)
    await stage.settled(lambda: len(stage.said(channel)), "a message")
    return f"{_no_problems(stage, channel)} writes, none refused"


@promise("slack-no-mentions", "Words of a ticket call nobody: no @channel, no user, no group.")
async def no_mentions(stage: Stage) -> str:
    channel = stage.channel()
    await stage.order(channel, _CALLS, user="U0ALICE")
    await stage.settled(lambda: len(stage.said(channel)), "a message")
    called = {name for each in stage.said(channel) for name in mentions(each)}
    called -= {"U0ALICE"}  # who asked may be named
    expect(not called, f"the app's messages call {', '.join(sorted(called))}")
    return f"{len(stage.said(channel))} messages call nobody"


@promise("slack-card-in-place", "Progress is shown by changing one message, not by posting more.")
async def card_in_place(stage: Stage) -> str:
    channel = stage.channel()
    await stage.order(channel)
    await stage.settled(
        lambda: len(stage.cards(channel)) + len(_updates(stage, channel)), "a message"
    )
    cards = stage.cards(channel)
    expect(len(cards) == 1, f"{len(cards)} messages in the channel")
    expect(len(cards[0].versions) > 1, "the message was never changed")
    return f"one message, changed {len(cards[0].versions) - 1} times"


def _updates(stage: Stage, channel: str) -> list[SlackCall]:
    return [each for each in _writes(stage, channel) if each.method == "chat.update"]


@promise("slack-fallback-text", "Every message has text for those who see no blocks.", "seen")
async def fallback_text(stage: Stage) -> str:
    written = list(_writes(stage))
    expect(bool(written), "nothing was written")
    bare = [
        each
        for each in written
        if each.args.get("blocks") and not str(each.args.get("text") or "").strip()
    ]
    expect(not bare, f"{len(bare)} of {len(written)} writes have blocks and no text")
    return f"{len(written)} writes"


@promise("slack-valid", "Slack refuses nothing for its shape, in the whole run.", "seen")
async def valid(stage: Stage) -> str:
    count = _no_problems(stage)
    expect(count > 0, "nothing was written")
    return f"{count} writes, none refused"


@promise("slack-update-rate", "No message is changed more than once a second.", "seen")
async def update_rate(stage: Stage) -> str:
    last: dict[tuple[str, str], float] = {}
    changed, nearest = 0, 99.0
    for call in list(stage.slack.calls):
        if call.method != "chat.update" or call.fault is not None:
            continue
        changed += 1
        name = (str(call.args.get("channel")), str(call.args.get("ts")))
        if name in last:
            nearest = min(nearest, call.at - last[name])
        last[name] = call.at
    expect(bool(list(_writes(stage))), "nothing was written")
    expect(nearest >= AT_MOST_EVERY, f"two changes of one message within {nearest:.2f} s")
    return f"{changed} changes"
