"""`mendwheel label`: tickets that people have labelled, for triage to go by."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say

if TYPE_CHECKING:
    from mendwheel.domain.knowledge import Case
    from mendwheel.knowledge.labels import LabelledTicket

_EXAMPLE = "Example: `mendwheel label labels.jsonl`"
_SYSTEM = "label"
_TEXT, _TITLE = 4000, 120
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When nobody knows; so lists of the latest tickets show these last."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(label)


def label(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON lines: text or title, and kind (consulting, anomaly) or component.",
            metavar="FILE",
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Learn the kind and component of earlier tickets from a file that people have labelled.

    Triage goes by the labelled tickets nearest to a new one where these agree. The same file again
    does no harm; a line with an id replaces the one learned under it before.
    """
    from mendwheel.cli import configured
    from mendwheel.knowledge.labels import LabelledTicket, read_labels
    from mendwheel.stores.bundle import Stores

    settings = configured.load()
    read = list(read_labels(file))
    if not read:
        raise CommandError(f"{file} is empty: give one JSON object a line")
    labelled = [each for each in read if isinstance(each, LabelledTicket)]
    problems = [each for each in read if not isinstance(each, LabelledTicket)]
    for problem in problems:
        note(f"left out: {line(str(problem))}")
    if labelled and not dry_run:
        with Stores(settings.store_path) as stores:
            for each in labelled:
                stores.cases.save(_case(each, settings.tenant))
    if as_json:
        document({"labelled": len(labelled), "left_out": len(problems), "dry_run": dry_run})
    else:
        say(f"{len(labelled)} labelled tickets {'can be ' if dry_run else ''}learned")
    if not labelled:
        raise typer.Exit(Exit.USAGE)
    if problems:
        raise typer.Exit(Exit.PARTIAL)


def _case(ticket: "LabelledTicket", tenant: str) -> "Case":
    """A closed case without an answer: it votes in triage and is never cited."""
    from mendwheel.domain.ids import digest, ticket_id
    from mendwheel.domain.knowledge import Case
    from mendwheel.security.redaction import redact

    words = redact(f"{ticket.title}\n{ticket.text}".strip())
    return Case(
        ticket_id=ticket_id(tenant, _SYSTEM, ticket.id.strip() or digest(words)[:16]),
        tenant=tenant,
        title=words.splitlines()[0][:_TITLE],
        text=words[:_TEXT],
        kind=ticket.kind,
        component=(ticket.component or "").strip() or None,
        open=False,
        opened_at=_LONG_AGO,
    )
