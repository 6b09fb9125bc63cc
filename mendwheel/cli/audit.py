"""`mendwheel audit`: does the chain of who did what hold, and what does it say of a ticket."""

from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say, spinner

if TYPE_CHECKING:
    from mendwheel.stores.bundle import Stores

_EXAMPLE = """\
Example: `mendwheel audit verify --since 4be0…`

Example: `mendwheel audit show mendwheel-default-cli-3f9a1c2b7d10`"""
_OWN = ("seq", "at", "ticket_id", "action", "actor")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(rich_markup_mode="markdown")
    group.command(epilog="Example: `mendwheel audit verify --json`")(verify)
    group.command(epilog="Example: `mendwheel audit show TICKET`")(show)
    app.add_typer(
        group,
        name="audit",
        help="Check the audit chain, or read what it holds of a ticket.",
        epilog=_EXAMPLE,
        no_args_is_help=True,
    )


def verify(
    since: Annotated[
        str | None,
        typer.Option(metavar="HEAD", help="A head noted earlier: it must still be in the chain."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check every row of the chain, name the first that does not hold, and print the head.

    Whoever can write the file could rewrite all of it: note the head in another place now and
    then, and give it with --since later.
    """
    with _stores() as stores, spinner("Checking the audit chain"):
        try:
            count, head = stores.audit.check()
        except ValueError as error:
            raise CommandError(f"{error}: compare with a backup", Exit.CHECK) from error
        place = stores.audit.place_of(since.strip().lower()) if since else None
    if since and place is None:
        raise CommandError(
            f"no audit row has the hash {since}: the chain was rewritten, or it is not its head",
            Exit.CHECK,
        )
    if as_json:
        return document({"rows": count, "head": head, "since": place})
    say(f"{count} rows hold")
    if place is not None:
        say(f"unchanged up to row {place}, whose hash you gave")
    say(f"head {head}")
    return None


def show(
    ticket: Annotated[str, typer.Argument(help="Ticket id, as `submit` and `list` print it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what was done about a ticket and by whom. Rows outlive a ticket that was forgotten."""
    with _stores() as stores:
        rows = stores.audit.read(ticket)
    if not rows:
        raise CommandError(
            f"no audit row of a ticket {ticket}: `mendwheel list` shows the known ones",
            Exit.NOT_FOUND,
        )
    if as_json:
        return document({"ticket_id": ticket, "rows": rows})
    for row in rows:
        say(f"{row['seq']:>6}  {row['at'][:19]}Z  {line(row['action'])} by {line(row['actor'])}")
        detail = {name: value for name, value in row.items() if name not in _OWN and value}
        for name, value in detail.items():
            say(f"        {line(name)}: {line(value)}")
    note("`mendwheel audit verify` says whether these rows are as they were written")
    return None


def _stores() -> "Stores":
    from mendwheel.cli import configured
    from mendwheel.stores.bundle import Stores

    return Stores(configured.load().store_path)
