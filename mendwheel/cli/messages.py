"""`mendwheel answer`, `reopen` and `cancel`: what a person says to a ticket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from mendwheel.cli.exits import CommandError
from mendwheel.cli.terminal import note, say

if TYPE_CHECKING:
    from mendwheel.integrations.intake import Intake

Answer = TypeVar("Answer")

_Ticket = Annotated[str, typer.Argument(help="Ticket id, as `submit` and `list` print it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: `mendwheel answer TICKET 'since 09:40, all regions'`")(answer)
    app.command(epilog="Example: `mendwheel reopen TICKET --note 'it is back'`")(reopen)
    app.command(epilog="Example: `mendwheel cancel TICKET`")(cancel)


def answer(
    ticket: _Ticket,
    text: Annotated[str, typer.Argument(help="New information, or the answer to a question.")],
) -> None:
    """Add information to a running ticket, as the setting `user`."""
    if not text.strip():
        raise CommandError("the answer has no text: say what is new")
    _with_intake(lambda intake, user: intake.inform(ticket, user, text))
    say("added")
    note(f"next: mendwheel watch {ticket}")


def reopen(
    ticket: _Ticket,
    remark: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="What is still wrong.")
    ] = "",
) -> None:
    """Say that a ticket is not resolved; it starts its next round."""
    _with_intake(lambda intake, user: intake.reopen(ticket, user, remark))
    say("reopened")
    note(f"next: mendwheel watch {ticket}")


def cancel(ticket: _Ticket) -> None:
    """Stop working on a ticket; what was found so far is recorded."""
    _with_intake(lambda intake, user: intake.cancel(ticket, user))
    say("cancelled")


def _with_intake(send: Callable[["Intake", str], Awaitable[Answer]]) -> Answer:
    from mendwheel.cli import configured
    from mendwheel.cli.session import connected

    async def call() -> Answer:
        settings = configured.load()
        async with connected(settings) as session:
            return await send(session.intake, settings.user)

    return asyncio.run(call())
