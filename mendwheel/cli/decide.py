"""`mendwheel approve` and `mendwheel reject`: a person's decision on what a ticket proposes."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.terminal import document, line, note, say

if TYPE_CHECKING:
    from mendwheel.domain.approval import Reply

_Ticket = Annotated[str, typer.Argument(help="Ticket id, as `submit` and `list` print it.")]
_As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="SUBJECT",
        help="Decide as SUBJECT; default: the setting `user`. The command line vouches for the "
        "person who is logged in. Naming somebody else is possible only because whoever can "
        "read the attestation key can sign: guard that file.",
    ),
]
_Request = Annotated[
    str | None,
    typer.Option("--request", metavar="ID", help="Only if the open question is this one."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: `mendwheel approve TICKET --note 'seen in staging'`")(approve)
    app.command(epilog="Example: `mendwheel reject TICKET --reason 'freeze until Monday'`")(reject)


def approve(
    ticket: _Ticket,
    remark: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="Kept with the decision.")
    ] = "",
    subject: _As = None,
    request: _Request = None,
    as_json: _Json = False,
) -> None:
    """Agree to the action that a ticket proposes. Refused with exit code 5 if it cannot count."""
    _tell(_decide(ticket, True, remark, subject, request), as_json=as_json)


def reject(
    ticket: _Ticket,
    reason: Annotated[str, typer.Option(help="Kept with the decision.")] = "",
    subject: _As = None,
    request: _Request = None,
    as_json: _Json = False,
) -> None:
    """Refuse the action that a ticket proposes; a human takes it from there."""
    _tell(_decide(ticket, False, reason, subject, request), as_json=as_json)


def _decide(
    ticket: str, approved: bool, remark: str, subject: str | None, request: str | None
) -> "Reply":
    from mendwheel.cli import configured
    from mendwheel.cli.session import connected

    async def send() -> "Reply":
        settings = configured.load()
        async with connected(settings) as session:
            return await session.decisions.decide(
                ticket,
                approved,
                subject=subject or settings.user,
                note=remark,
                request_id=request,
            )

    return asyncio.run(send())


def _tell(reply: "Reply", *, as_json: bool) -> None:
    if as_json:
        document(reply)
        return
    if reply.ruling is not None:
        say(f"{reply.ruling.kind.value} by {', '.join(line(name) for name in reply.ruling.by)}")
    elif reply.waiting_for:
        say(f"counted: {reply.waiting_for} more must agree")
    else:
        say("sent")
    if reply.reason:
        note(line(reply.reason))
