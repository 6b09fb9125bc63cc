"""`make run`: five tickets of Lanternpost, from report to resolved, on an embedded Temporal."""

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console

from lanternpost.play import Actor, Play, surprises, table
from lanternpost.stage import Stage, stage
from mendwheel.embedded import EmbeddedUnavailable
from mendwheel.settings import SettingsError


def seed() -> int:
    """`SEED` from the environment. Raises SystemExit when it is not a number."""
    value = os.environ.get("SEED") or "1"
    if not value.isdecimal():
        sys.exit(f"SEED={value} is not a number: give one, for example `make run SEED=7`")
    return int(value)


def next_steps(console: Console, stand: Stage, actors: list[Actor]) -> None:
    """What a newcomer may try now."""
    home = f"MENDWHEEL_HOME={stand.settings.home} .venv/bin/mendwheel"
    by_role = {actor.ticket.role: actor.id for actor in actors}
    console.print("\n[bold]What to try next[/]")
    for command, why in (
        (f"{home} why {by_role['question']}", "the evidence behind each claim"),
        (f"{home} show {by_role['anomaly']}", "what was found, asked, done and checked"),
        (f"{home} list", "all tickets"),
        ("make run SEED=7", "other people, another broken service"),
        (".venv/bin/mendwheel up", "your own tickets: README.md says what comes then"),
    ):
        console.print(f"  {command}", highlight=False, soft_wrap=True)
        console.print(f"      {why}", style="dim")


async def main(console: Console) -> int:
    """0 when every ticket came out as it should."""
    interrupted = asyncio.Event()
    async with stage(seed(), console) as stand:
        play = asyncio.ensure_future(Play(stand, console).run(seed()))
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, lambda: (interrupted.set(), play.cancel()))
        try:
            actors = await play
        except asyncio.CancelledError:
            console.print("\nstopped; `make run` starts afresh", style="yellow")
            return 130
        console.print()
        console.print(table(actors))
        for actor in actors:
            address = stand.address(actor.id, actor.run_id)
            console.print(f"{actor.ticket.key}  {address}", soft_wrap=True)
        wrong = surprises(actors)
        for line in wrong:
            console.print(line, style="bold red")
        next_steps(console, stand, actors)
        if sys.stdin.isatty() and console.is_terminal:
            console.print(f"\nThe Temporal UI is at {stand.ui_url}. Ctrl-C ends it all.")
            await interrupted.wait()
        else:
            console.print("\nThe Temporal UI ends with this; on a terminal it stays until Ctrl-C.")
    return 1 if wrong else 0


if __name__ == "__main__":
    output = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    try:
        sys.exit(asyncio.run(main(output)))
    except (EmbeddedUnavailable, SettingsError) as error:
        sys.exit(str(error))
    except TimeoutError:
        sys.exit("a ticket did not come to an end in time: `mendwheel doctor` says what is wrong")
