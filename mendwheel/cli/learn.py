"""`mendwheel learn`: documents, and resolved issues of Jira, into what answers rest on."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli import backfill
from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say, spinner

if TYPE_CHECKING:
    from rich.status import Status as Spinner

    from mendwheel.domain.knowledge import Document
    from mendwheel.knowledge.sources import Problem

_NOTED = 1000
"""Passages between two lines about the embedder in a pipe."""

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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Take documents in. A document that is there already is replaced, an unchanged one kept.

    What cannot be read is named on stderr, and the rest goes on (exit code 3). Where an embedder
    is set, new passages get their vectors; stopped, the same command goes on where it was.

    With `--jql` resolved issues become cases that later tickets are compared with. Ctrl-C keeps
    what is there; the same command goes on from there, and repeating it does no harm.
    """
    if jql is not None:
        if paths or product:
            raise CommandError("--jql learns issues: learn documents with a command of their own")
        backfill.learn_issues(jql, limit=limit, dry_run=dry_run, as_json=as_json)
        return
    if not paths:
        raise CommandError("nothing to learn: name folders or files, or give --jql")
    from mendwheel.cli import configured
    from mendwheel.integrations.embedding.chosen import chosen_embedder
    from mendwheel.stores.bundle import Stores

    settings = configured.load()
    with spinner("reading") as working:
        reading = _Reading(paths, product, working)
        passages = embedded = 0
        if dry_run:
            for _ in reading:
                pass
        else:
            with Stores(settings.store_path, chosen_embedder(settings)) as stores:
                passages = stores.knowledge.add(settings.tenant, reading)
                embedded = stores.knowledge.embed(settings.tenant, _Embedding(working))
    _tell(reading, passages, embedded, dry_run=dry_run, as_json=as_json)


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


class _Reading:
    """Passes documents on, names problems at once, and counts both."""

    def __init__(self, paths: list[Path], product: str | None, working: "Spinner") -> None:
        # All of them first: a wrong path stops the command before anything was taken.
        self._found = [(path, _documents(path)) for path in paths]
        self._product = product
        self._working = working
        self._from: dict[str, Path] = {}
        self.problems: list[Problem] = []

    @property
    def taken(self) -> int:
        """Documents passed on so far."""
        return len(self._from)

    def __iter__(self) -> Iterator["Document"]:
        from mendwheel.knowledge.sources import Problem

        for path, found in self._found:
            for each in found:
                if isinstance(each, Problem):
                    self._leave_out(each)
                elif each.id in self._from:
                    # The second would replace the first without a word.
                    first = self._from[each.id]
                    what = f"its id {each.id!r} was taken from {first}: learn a folder above both"
                    self._leave_out(Problem(str(path), 0, what))
                else:
                    self._from[each.id] = path
                    yield self._as_of_product(each)

    def _leave_out(self, problem: "Problem") -> None:
        self.problems.append(problem)
        note(f"left out: {line(str(problem))}")

    def _as_of_product(self, each: "Document") -> "Document":
        self._working.update(f"{self.taken} documents")
        if self._product is None or each.product:
            return each
        return each.model_copy(update={"product": self._product})


def _documents(path: Path) -> "Iterator[Document | Problem]":
    from mendwheel.knowledge.sources import read_documents

    try:
        return read_documents(path)
    except FileNotFoundError as error:
        raise CommandError(str(error)) from None


def _tell(reading: _Reading, passages: int, embedded: int, *, dry_run: bool, as_json: bool) -> None:
    left_out = [
        {"path": each.path, "line": each.line, "what": each.what} for each in reading.problems
    ]
    if as_json:
        document(
            {
                "documents": reading.taken,
                "passages_written": passages,
                "passages_embedded": embedded,
                "dry_run": dry_run,
                "left_out": left_out,
            }
        )
    elif dry_run:
        say(f"{reading.taken} documents can be taken, {len(left_out)} cannot")
    else:
        say(f"{reading.taken} documents taken, {passages} passages written, "
            f"{len(left_out)} left out")  # fmt: skip
    if not reading.taken:
        raise typer.Exit(Exit.USAGE)
    if left_out:
        raise typer.Exit(Exit.PARTIAL)
