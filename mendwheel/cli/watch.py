"""`mendwheel watch`: follow a ticket while it is worked on."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.terminal import line, note, say, spinner

if TYPE_CHECKING:
    from rich.status import Status as Spinner

    from mendwheel.cli.look import Look
    from mendwheel.domain.state import Step

_EXAMPLE = "Example: `mendwheel watch mendwheel-default-cli-3f9a1c2b7d10 --follow`"

EVERY = 0.5
"""Seconds between two looks."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(watch)


def watch(
    ticket: Annotated[str, typer.Argument(help="Ticket id, as `submit` and `list` print it.")],
    stay: Annotated[
        bool, typer.Option("--follow", help="Stay until it is closed, not only until it waits.")
    ] = False,
) -> None:
    """Follow a ticket: each step as it happens, then the question or the outcome.

    Ends when the ticket is answered or waits for a person. Without a worker it waits for one.
    """
    follow(ticket, stay=stay)


def follow(ticket: str, *, stay: bool) -> None:
    """Print steps until the ticket rests; with `stay` until it is closed."""
    from mendwheel.cli.show import result

    seen = asyncio.run(_follow(ticket, stay))
    for each in result(seen):
        say(each)


async def _follow(ticket: str, stay: bool) -> "Look":
    from mendwheel.cli import configured
    from mendwheel.cli.look import look_again
    from mendwheel.cli.session import connected

    settings = configured.load()
    printed = _Printed()
    async with connected(settings) as session:
        with spinner("looking") as working:
            while True:
                seen = await look_again(session, ticket)
                printed.show(seen, working)
                if rests(seen, stay=stay):
                    return seen
                await asyncio.sleep(EVERY)


def rests(seen: "Look", *, stay: bool) -> bool:
    """Whether nothing more happens by itself: closed, watched, or a person is asked."""
    from mendwheel.domain.ticket import Phase

    if seen.phase is None and seen.outcome is not None:  # the run is gone, its outcome stands
        return True
    if stay:
        return seen.phase is Phase.CLOSED
    return seen.phase in (Phase.CLOSED, Phase.WATCH, Phase.ASKING, Phase.APPROVAL)


class _Printed:
    """Remembers what has been said, so that each step is said once."""

    def __init__(self) -> None:
        self._steps: set[tuple[str, str]] = set()
        self._missing = ""

    def show(self, seen: "Look", working: "Spinner") -> None:
        if seen.missing and seen.missing != self._missing:
            note(f"waiting: {seen.missing}")
        self._missing = seen.missing
        for step in seen.timeline:
            mark = (step.at.isoformat(), step.text)
            if mark not in self._steps:
                self._steps.add(mark)
                say(step_line(step))
        phase = seen.phase.value if seen.phase else "waiting"
        working.update(line(f"{phase} {seen.waiting_for and f'· {seen.waiting_for}'}"))


def step_line(step: "Step") -> str:
    """One line of a timeline, in local time."""
    return f"{step.at.astimezone():%H:%M:%S}  {step.phase.value:<20}  {line(step.text)}"
