"""`mendwheel resolve`: a file of tickets in, a file of results out."""

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, note, say

if TYPE_CHECKING:
    from mendwheel.batch.journal import Journal
    from mendwheel.batch.run import Batch, Tally


def register(app: typer.Typer) -> None:
    app.command()(resolve)


def resolve(
    tickets: Annotated[
        Path,
        typer.Option(
            help="JSON lines: id, title, body, product, evidence, candidates; others are dropped."
        ),
    ],
    knowledge: Annotated[
        list[Path], typer.Option(help="Folder or file of documents; give it again for more.")
    ],
    out: Annotated[Path, typer.Option(dir_okay=False, help="JSON lines: one result a ticket.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N tickets.")] = None,
    parallel: Annotated[int, typer.Option(min=1, help="Tickets on their way at a time.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Also keep batches that nobody used for a week.")
    ] = False,
) -> None:
    """Resolve a file of tickets, apart from everything live.

    Nothing is asked, written back or done: every run is a dry run. The same command again goes on
    where it stopped, after Ctrl-C or any crash.
    """
    from mendwheel.batch.folder import prune, size
    from mendwheel.batch.journal import Journal
    from mendwheel.batch.rows import write_rows

    batch, left_out = _prepare(tickets, knowledge, limit, parallel)
    if not keep:
        for old in prune(batch.folder):
            note(f"removed the old batch {old.name}")
    with Journal(batch.folder / "finished.jsonl") as journal:
        wanted = {ticket.id for ticket in batch.tickets}
        try:
            tally = _run(batch, journal)
        except BaseException:
            partial = out.with_name(f"{out.name}.partial")
            rows = [row for key, row in journal.rows.items() if key in wanted]
            write_rows(partial, rows)
            note(f"stopped: {len(rows)} of {len(wanted)} results are in {partial}")
            note("the same command again goes on from there")
            raise
        write_rows(out, (journal.rows[ticket.id] for ticket in batch.tickets))
    out.with_name(f"{out.name}.partial").unlink(missing_ok=True)
    _show(tally, out, as_json)
    note(f"kept for a rerun: {batch.folder} ({size(batch.folder) / 1e6:.0f} MB)")
    if left_out:
        raise typer.Exit(Exit.PARTIAL)


def _prepare(
    tickets: Path, knowledge: list[Path], limit: int | None, parallel: int
) -> "tuple[Batch, int]":
    """The batch with its knowledge taken in, and how many lines and documents were left out."""
    from mendwheel.batch.folder import batch_key, folder_of
    from mendwheel.batch.library import take_in
    from mendwheel.batch.run import Batch
    from mendwheel.batch.tickets import BatchTicket
    from mendwheel.knowledge.lines import first_of, read_lines
    from mendwheel.settings import Settings

    settings = Settings.load()
    read, problems = read_lines(tickets, BatchTicket)
    if not read:
        raise CommandError(f"{tickets} holds no ticket: {first_of(problems)}")
    for path in knowledge:
        if not path.exists():
            raise CommandError(f"{path} does not exist: give a folder or file of documents")
    folder = folder_of(settings, batch_key(read, knowledge, settings))
    own = settings.model_copy(
        update={"home": folder, "store": folder / "mendwheel.db", "task_queue": "mendwheel-batch"}
    )
    counter, embedded = Counter("documents taken in"), Counter("passages embedded")
    left_out = [str(problem) for problem in problems]
    try:
        left_out += take_in(knowledge, folder, own, counter, embedded)
    except ValueError as error:
        raise CommandError(str(error)) from error
    finally:
        counter.end()
        embedded.end()
    for line in left_out:
        note(f"left out: {line}")
    return Batch(folder, own, read[:limit], parallel), len(left_out)


def _run(batch: "Batch", journal: "Journal") -> "Tally":
    from mendwheel.batch.run import resolve as resolve_batch
    from mendwheel.embedded import EmbeddedUnavailable

    there = sum(ticket.id in journal.rows for ticket in batch.tickets)
    counter = Counter(f"of {len(batch.tickets) - there} tickets finished")
    if there:
        note(f"{there} tickets have their result already")
    try:
        return asyncio.run(resolve_batch(batch, journal, counter))
    except EmbeddedUnavailable as error:
        raise CommandError(str(error), Exit.UNREACHABLE) from error
    finally:
        counter.end()


def _show(tally: "Tally", out: Path, as_json: bool) -> None:
    if as_json:
        return document(tally.model_dump() | {"tickets_per_s": round(tally.rate, 2)})
    say(f"{tally.tickets} results in {out}")
    say(f"{tally.resolved_now} finished now, {tally.rate:.1f} tickets/s")
    kinds = ", ".join(f"{kind} {count}" for kind, count in tally.outcomes.items())
    say(f"by outcome: {kinds}")
    say(f"{tally.completed_runs} completed runs in Temporal, {tally.errors} tickets with an error")
    return None


class Counter:
    """Says on stderr how far it is: a line that is rewritten on a terminal, else now and then."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()
        self._every = 0.2 if self._terminal else 10.0
        self._begun = self._said = time.monotonic()
        self._first: int | None = None
        self._count = 0

    def __call__(self, count: int) -> None:
        self._first = count - 1 if self._first is None else self._first
        self._count = count
        if time.monotonic() - self._said >= self._every:
            self._say("\r" if self._terminal else "\n")

    def end(self) -> None:
        """Say the last count, if there was any."""
        if self._first is not None:
            self._say("\n")

    def _say(self, end: str) -> None:
        self._said = time.monotonic()
        rate = (self._count - (self._first or 0)) / max(self._said - self._begun, 1e-6)
        sys.stderr.write(f"{self._count} {self._what}, {rate:.1f}/s{end}")
        sys.stderr.flush()
