"""`mendwheel show`: one ticket with everything that was said and done about it."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.terminal import document, line, note, say

if TYPE_CHECKING:
    from mendwheel.cli.look import Look
    from mendwheel.domain.outcome import Outcome

_EXAMPLE = "Example: `mendwheel show mendwheel-default-cli-3f9a1c2b7d10 --json`"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(show)


def show(
    ticket: Annotated[str, typer.Argument(help="Ticket id, as `submit` and `list` print it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show a ticket: where it stands, its outcome, what was written, what was done.

    Works from the store alone when no worker runs or the run is gone.
    """
    from mendwheel.cli import configured
    from mendwheel.cli.look import look

    seen = asyncio.run(look(configured.load(), ticket))
    if as_json:
        document(seen)
        return
    if seen.missing:
        note(f"from the store alone: {seen.missing}")
    for each in (*_head(seen), *result(seen), *_thread(seen), *_timeline(seen)):
        say(each)


def result(seen: "Look") -> Iterator[str]:
    """The question that waits, or the outcome, and what to do next."""
    if seen.approval is not None:
        yield from _question(seen)
    elif seen.waiting_for and seen.outcome is None:
        yield f"waits for  {seen.waiting_for}"
        yield f"next       mendwheel answer {seen.ticket_id} 'what is asked'"
    if seen.outcome is not None:
        yield from _outcome(seen, seen.outcome)


def _head(seen: "Look") -> Iterator[str]:
    yield f"{seen.ticket_id}  {line(seen.title)}"
    parts = [seen.kind, seen.severity, seen.component, f"round {seen.round}"]
    phase = seen.phase.value if seen.phase else "not known"
    yield f"phase      {phase}  ({', '.join(line(str(part)) for part in parts if part)})"


def _question(seen: "Look") -> Iterator[str]:
    asked = seen.approval
    assert asked is not None
    yield f"question   {line(asked.question)}"
    yield f"           request {asked.request_id}, until {asked.expires_at.astimezone():%F %H:%M}"
    yield f"waits for  {line(seen.waiting_for)}"
    yield f"next       mendwheel approve {seen.ticket_id}  |  mendwheel reject {seen.ticket_id}"


def _outcome(seen: "Look", outcome: "Outcome") -> Iterator[str]:
    standing = outcome.standing.value
    yield f"outcome    {outcome.kind.value}, {standing}: {line(outcome.reason)}"
    if seen.provisional:
        yield "           provisional: it counts once nobody came back within the window"
    if outcome.duplicate_of:
        yield f"           duplicate of {outcome.duplicate_of}"
    if outcome.remedy:
        by = f", decided by {', '.join(outcome.decided_by)}" if outcome.decided_by else ""
        yield f"remedy     {line(outcome.remedy)}{line(by)}{', undone' if outcome.undone else ''}"
    yield f"next       mendwheel why {seen.ticket_id}"


def _thread(seen: "Look") -> Iterator[str]:
    for message in seen.thread:
        yield f"\n--- {message.at.astimezone():%F %H:%M:%S}"
        yield message.text.rstrip()


def _timeline(seen: "Look") -> Iterator[str]:
    from mendwheel.cli.watch import step_line

    if seen.timeline:
        yield "\n--- timeline"
    for step in seen.timeline:
        yield step_line(step)
