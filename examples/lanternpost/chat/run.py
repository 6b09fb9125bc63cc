"""`make demo-chat`: the sample tickets through a local Slack and Jira; ends with one HTML page."""

import asyncio
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[3])]

import aiohttp  # noqa: E402
from rich.console import Console  # noqa: E402

from lanternpost.chat.page import Channel, JiraIssue, Post, Row, page  # noqa: E402
from lanternpost.chat.play import ChatPlay  # noqa: E402
from lanternpost.chat.stage import ChatStage, chat_stage, scene  # noqa: E402
from lanternpost.play import Actor, surprises, table  # noqa: E402
from lanternpost.run import seed  # noqa: E402
from mendwheel.embedded import EmbeddedUnavailable  # noqa: E402
from mendwheel.settings import SettingsError  # noqa: E402
from tests.counterparts import CounterpartFailed  # noqa: E402


async def main(console: Console) -> int:
    """0 when every ticket came out as it should."""
    drawn = scene(seed())
    async with chat_stage(drawn, console) as stage, aiohttp.ClientSession() as session:
        play = asyncio.ensure_future(ChatPlay(stage, console, session).run(drawn))
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, play.cancel)
        try:
            actors = await play
        except asyncio.CancelledError:
            console.print("\nstopped; `make demo-chat` starts afresh", style="yellow")
            return 130
        written = await asyncio.to_thread(_write, stage, actors)
    console.print()
    console.print(table(actors))
    wrong = surprises(actors)
    for line in wrong:
        console.print(line, style="bold red")
    console.print(f"What people saw: {written}", soft_wrap=True)
    return 1 if wrong else 0


def _write(stage: ChatStage, actors: list[Actor]) -> Path:
    """The page, from what Slack and Jira answer about themselves."""
    slack, jira = stage.slack, stage.jira
    names = {ident: name for name, ident in (slack.users | slack.channels).items()}
    names[slack.bot_user_id] = "mendwheel"
    channels = [
        Channel(
            name=name,
            posts=[
                Post(message=each, replies=slack.replies(channel, str(each["ts"])))
                for each in slack.history(channel)
            ],
        )
        for name, channel in slack.channels.items()
        if slack.history(channel)
    ]
    issues = [
        JiraIssue(
            issue=jira.issue(actor.ticket.key),
            comments=jira.comments(actor.ticket.key),
            links=jira.call("GET", f"issue/{actor.ticket.key}/remotelink"),
        )
        for actor in actors
        if actor.ticket.key.startswith(f"{jira.project}-")
    ]
    written = (stage.home / "chat.html").absolute()
    shown = page(map(_row, actors), channels, issues, lambda ident: names.get(ident, ident))
    written.write_text(shown, "utf-8")
    return written


def _row(actor: Actor) -> Row:
    outcome = actor.status.outcome if actor.status else None
    return Row(
        role=actor.ticket.role,
        where=actor.ticket.key,
        title=actor.ticket.title,
        outcome=outcome.kind.value if outcome else "nothing",
        expected=actor.expected.value,
        reason=outcome.reason if outcome else "",
    )


if __name__ == "__main__":
    output = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    try:
        sys.exit(asyncio.run(main(output)))
    except (EmbeddedUnavailable, CounterpartFailed, SettingsError) as error:
        sys.exit(str(error))
    except TimeoutError:
        sys.exit("a ticket did not come to an end in time: `mendwheel doctor` says what is wrong")
