"""`mendwheel list`: the tickets of this store, and where the running ones stand."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.terminal import document, note, say, table

if TYPE_CHECKING:
    from mendwheel.cli.listing import Row

_EXAMPLE = "Example: `mendwheel list --open --limit 20`"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list", epilog=_EXAMPLE)(list_tickets)


def list_tickets(
    only_open: Annotated[bool, typer.Option("--open", help="Only tickets that are open.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List tickets, newest first. Works without Temporal, then without phases."""
    from mendwheel.cli import configured
    from mendwheel.cli.listing import tickets

    rows, missing = asyncio.run(tickets(configured.load(), only_open=only_open, limit=limit))
    if missing:
        note(f"phases are missing: {missing}")
    if as_json:
        document({"tickets": [row.model_dump(mode="json") for row in rows]})
    elif rows:
        headings = ("ticket", "opened", "phase", "outcome", "title")
        table(headings, [_cells(row) for row in rows], shrink="title")
    else:
        say("no open tickets" if only_open else "no tickets yet: mendwheel submit 'what is wrong'")


def _cells(row: "Row") -> tuple[str, ...]:
    standing = f" ({row.standing.value})" if row.standing else ""
    outcome = f"{row.outcome.value}{standing}" if row.outcome else ""
    opened = f"{row.opened_at.astimezone():%F %H:%M}"
    phase = row.phase.value if row.phase else ""
    return row.ticket_id, opened, phase, outcome, row.title
