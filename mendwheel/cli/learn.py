"""`mendwheel learn`: documents, and resolved issues of Jira, into what answers rest on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli import backfill
from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say, spinner

if TYPE_CHECKING:
    from rich.status import Status as Spinner

    from mendwheel.knowledge.reading import Reading

_NOTED = 1000
"""Passages between two lines about the embedder in a pipe."""

_NAMED = 5
"""Labels that are named at most."""

_EXAMPLE = """\
Example: `mendwheel learn docs/ runbooks/ --product lanternpost`

Example: `mendwheel learn --jql 'project = LP and resolved >= -180d'`"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(learn)


def learn(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders, or .md, .html, .rst, .txt and .jsonl files.", metavar="PATH"),
    ] = None,
    product: Annotated[
        str | None, typer.Option(help="Product of documents that name none.")
    ] = None,
    jql: Annotated[
        str | None,
        typer.Option(help="Learn resolved issues that Jira finds, instead of documents."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many issues.")] = None,
    remove_missing: Annotated[
        bool,
        typer.Option(
            "--remove-missing", help="Remove what has gone even where it is most of a folder."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Take documents in. A document that is there already is replaced, an unchanged one kept.

    A document that has gone from a folder or file is removed when that is learned again, unless
    most of them have gone: then they are kept, and said to be (exit code 3).

    What cannot be read is named on stderr, and the rest goes on (exit code 3). Where an embedder
    is set, new passages get their vectors; stopped, the same command goes on where it was.

    With `--jql` resolved issues become cases that later tickets are compared with. Ctrl-C keeps
    what is there; the same command goes on from there, and repeating it does no harm.
    """
    if jql is not None:
        if paths or product or remove_missing:
            raise CommandError("--jql learns issues: learn documents with a command of their own")
        backfill.learn_issues(jql, limit=limit, dry_run=dry_run, as_json=as_json)
        return
    if not paths:
        raise CommandError("nothing to learn: name folders or files, or give --jql")
    with spinner("reading") as working:
        reading = _reading(product, working)
        if dry_run:
            _check(paths, reading)
            _tell(reading, _Done(), dry_run=True, as_json=as_json)
        else:
            done = _sync(paths, reading, working, even_most=remove_missing)
            _tell(reading, done, dry_run=False, as_json=as_json)


@dataclass(frozen=True)
class _Done:
    """What was done to the store."""

    written: int = 0
    embedded: int = 0
    removed: int = 0
    kept: Sequence[str] = ()
    unreadable: int = 0
    labels: Sequence[str] = ()


def _check(paths: Sequence[Path], reading: "Reading") -> None:
    from mendwheel.knowledge.sources import listed

    with _wrong_path_stops():
        listings = [(path, listed(path)) for path in paths]
    for path, listing in listings:
        for problem in listing.problems:
            reading.leave_out(problem)
        for file in listing.files:
            for _ in reading.documents(file, path):
                pass


def _sync(
    paths: Sequence[Path], reading: "Reading", working: "Spinner", *, even_most: bool
) -> _Done:
    from mendwheel.cli import configured
    from mendwheel.integrations.embedding.chosen import chosen_embedder
    from mendwheel.stores.bundle import Stores

    settings = configured.load()
    with Stores(settings.store_path, chosen_embedder(settings)) as stores:
        sync = stores.knowledge.sync(settings.tenant, reading, even_most=even_most)
        # All of them first: a wrong path stops the command before anything was taken.
        with _wrong_path_stops():
            for path in paths:
                sync.check(path)
        for path in paths:
            sync.run(path)
        embedded = stores.knowledge.embed(settings.tenant, _Embedding(working))
        stores.cases.embed(
            settings.tenant, lambda done: working.update(f"{done} past tickets embedded")
        )
        named = settings.access.named(settings.tenant)
        unreadable, labels = stores.knowledge.unreadable(settings.tenant, named)
    return _Done(sync.written, embedded, sync.removed, sync.kept, unreadable, labels)


@contextmanager
def _wrong_path_stops() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CommandError(str(error)) from None


def _reading(product: str | None, working: "Spinner") -> "Reading":
    from mendwheel.knowledge.reading import Reading

    return Reading(
        product,
        problem=lambda problem: note(f"left out: {line(str(problem))}"),
        progress=lambda taken: working.update(f"{taken} documents"),
    )


class _Embedding:
    """Says how far the embedder is: on a terminal always, in a pipe now and then."""

    def __init__(self, working: "Spinner") -> None:
        self._working = working
        self._noted = 0

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` passages have their vectors."""
        self._working.update(f"{done} of {total} passages embedded")
        if done - self._noted >= _NOTED or (done == total and self._noted):
            self._noted = done
            note(f"{done} of {total} passages embedded; Ctrl-C keeps them")


def _tell(reading: "Reading", done: _Done, *, dry_run: bool, as_json: bool) -> None:
    left_out = [
        {"path": each.path, "line": each.line, "what": each.what} for each in reading.problems
    ]
    for what in done.kept:
        note(line(what))
    if done.unreadable:
        note(line(_hidden(done)))
    if as_json:
        document(
            {
                "documents": reading.taken,
                "passages_written": done.written,
                "passages_embedded": done.embedded,
                "documents_removed": done.removed,
                "kept": list(done.kept),
                "unreadable": done.unreadable,
                "dry_run": dry_run,
                "left_out": left_out,
            }
        )
    elif dry_run:
        say(f"{reading.taken} documents can be taken, {len(left_out)} cannot")
    else:
        say(f"{reading.taken} documents taken, {done.written} passages written, "
            f"{done.removed} removed, {len(left_out)} left out")  # fmt: skip
    if not reading.taken and not done.removed:
        raise typer.Exit(Exit.USAGE)
    if left_out or done.kept:
        raise typer.Exit(Exit.PARTIAL)


def _hidden(done: _Done) -> str:
    """That they were taken in says nothing to whoever never finds them."""
    many = "1 document is" if done.unreadable == 1 else f"{done.unreadable} documents are"
    named = ", ".join(done.labels[:_NAMED]) + (", …" if len(done.labels) > _NAMED else "")
    return (
        f"{many} found by nobody: no setting says who may read {named}; name one of them in "
        "tenant_labels, or in `labels` of a place"
    )
