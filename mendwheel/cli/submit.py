"""`mendwheel submit`: a report from the command line becomes a ticket."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError
from mendwheel.cli.terminal import document, note, say

if TYPE_CHECKING:
    from mendwheel.integrations.drafts import Draft, File
    from mendwheel.integrations.intake import Submitted
    from mendwheel.settings import Settings

_MOST_BYTES = 64 * 1024 * 1024
_EXAMPLE = (
    "Example: `mendwheel submit 'Checkout returns 502' -f mail.txt --attach app.log:logs --watch`"
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(submit)


_Attach = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH[:MEDIA]",
        help="Attach a text file as evidence; MEDIA says what it is: metrics, logs, traces, "
        "topology, changes, alert …; repeatable.",
    ),
]
_File = Annotated[
    str | None,
    typer.Option("--file", "-f", metavar="PATH", help="Read more text from PATH; - is stdin."),
]
_Reporter = Annotated[str | None, typer.Option(help="Who reports it; default: the setting `user`.")]
_Key = Annotated[
    str | None, typer.Option(help="Key in the system of record; default: made from the text.")
]


def submit(
    text: Annotated[str | None, typer.Argument(help="What is asked or broken.")] = None,
    title: Annotated[str, typer.Option(help="Title; default: the first line.")] = "",
    file: _File = None,
    attach: _Attach = None,
    product: Annotated[str | None, typer.Option(help="Product it is about.")] = None,
    component: Annotated[str | None, typer.Option(help="Component, where it is known.")] = None,
    reporter: _Reporter = None,
    key: _Key = None,
    system: Annotated[str, typer.Option(help="System of record.")] = "cli",
    watch: Annotated[bool, typer.Option("--watch", help="Watch it afterwards.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Report something; prints the ticket's id.

    The same words of the same person within ten minutes join the ticket that is there.
    """
    from mendwheel.cli import configured
    from mendwheel.integrations.drafts import MAX_TEXT, Draft

    if watch and as_json:
        raise CommandError("--watch and --json exclude each other: watch it in a second command")
    body = "\n\n".join(part for part in (text, _more(file)) if part)
    if not (title.strip() or body.strip()):
        raise CommandError("the ticket has no text: say in a sentence what is wrong or asked")
    if len(body) > MAX_TEXT:
        note(f"the text is cut after {MAX_TEXT:,} characters: attach long evidence instead")
    settings = configured.load()
    draft = Draft(
        title=title,
        body=body,
        reporter=reporter or settings.user,
        system=system,
        key=key,
        product=product,
        component=component,
        files=[_attachment(each) for each in attach or []],
    )
    _tell(asyncio.run(_submit(settings, draft)), as_json=as_json, watch=watch)


async def _submit(settings: "Settings", draft: "Draft") -> "Submitted":
    from mendwheel.cli.session import connected

    async with connected(settings) as session:
        return await session.intake.submit(draft)


def _tell(submitted: "Submitted", *, as_json: bool, watch: bool) -> None:
    ticket = submitted.ticket_id
    if as_json:
        document(submitted)
        return
    say(ticket)
    note("started" if submitted.started else "joined the ticket that was there already")
    if watch:
        from mendwheel.cli.watch import follow

        follow(ticket, stay=False)
    else:
        note(f"next: mendwheel watch {ticket}")


def _more(file: str | None) -> str:
    if file is None:
        return ""
    if file != "-":
        return _read(Path(file))
    raw = sys.stdin.buffer.read(_MOST_BYTES + 1)
    return _decoded(raw, "stdin")


def _attachment(given: str) -> "File":
    """`PATH` or `PATH:MEDIA`; a path that exists as it stands is one."""
    from mendwheel.integrations.drafts import File

    path, media = Path(given), "text"
    if not path.exists() and ":" in given:
        head, _, tail = given.rpartition(":")
        path, media = Path(head), tail.strip()
        if not media:
            raise CommandError(f"{given}: no media after the colon: try {head}:logs")
    return File(name=path.name, media=media, text=_read(path))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        why = error.strerror or str(error)
        raise CommandError(f"{path}: {why}: give the path of a text file") from None
    return _decoded(raw, str(path))


def _decoded(raw: bytes, name: str) -> str:
    if len(raw) > _MOST_BYTES:
        size = _MOST_BYTES // 2**20
        raise CommandError(f"{name}: larger than {size} MB: cut it to the time of the incident")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{name}: not UTF-8 text (byte {error.start}): give its contents as text"
        ) from None
    if "\x00" in text:
        raise CommandError(f"{name}: a binary file: give its contents as text")
    return text
