"""Documents with the time from which they may count as known.

That is when they were changed last, because an earlier text is not at hand: a page that was
rewritten after an incident must not help to resolve it.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mendwheel.domain.knowledge import Document
from mendwheel.knowledge.sources import Problem, read_documents

_ROWS = (".jsonl", ".ndjson")
_FIELDS = ("updated", "created")


@dataclass
class Dated:
    """Documents, oldest first."""

    documents: list[tuple[datetime, Document]] = field(default_factory=list)
    undated: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def every(self) -> list[Document]:
        return [*(each for _, each in self.documents), *self.undated]


def read_dated(paths: Sequence[Path]) -> Dated:
    """Every document under `paths`.

    A row of JSON lines is dated by its `updated`, else its `created`; a file by its last commit,
    else by when it was written last.

    Raises:
        FileNotFoundError: a path does not exist.
    """
    found = Dated()
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(2, "no such folder or file of documents", str(path))
        committed = _committed(path if path.is_dir() else path.parent)
        for file in _files(path):
            at = committed.get(file.resolve()) or _written(file)
            stated = _stated(file) if file.suffix.lower() in _ROWS else None
            for each in read_documents(file):
                _place(found, _named(each, file, path), at, stated)
    found.documents.sort(key=lambda known: known[0])
    return found


def _place(
    found: Dated, each: Document | Problem, at: datetime, stated: dict[str, datetime] | None
) -> None:
    if isinstance(each, Problem):
        found.problems.append(each)
        return
    known = at if stated is None else stated.get(each.id)
    if known is None:
        found.undated.append(each)
    else:
        found.documents.append((known, each))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.is_file() and not hidden:
            yield file


def _named(each: Document | Problem, file: Path, root: Path) -> Document | Problem:
    """The id that the document has when its folder is learned as a whole."""
    if isinstance(each, Problem) or not root.is_dir() or each.id != file.name:
        return each
    return each.model_copy(update={"id": file.relative_to(root).as_posix()})


def _stated(file: Path) -> dict[str, datetime]:
    """Document id → the time its row states. Rows that state none, or none that is one, lack."""
    found: dict[str, datetime] = {}
    for raw in file.read_bytes().splitlines():
        try:
            row = json.loads(raw)
            text = next(row[name] for name in _FIELDS if row.get(name))
            found[str(row["id"])] = _aware(datetime.fromisoformat(text))
        except (ValueError, TypeError, KeyError, AttributeError, StopIteration):
            continue  # no row, or no date: the reader of documents says what is wrong with it
    return found


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _committed(folder: Path) -> dict[Path, datetime]:
    """File → its last commit, where the folder is in a git checkout: there mtimes mean nothing."""
    git = shutil.which("git")
    if git is None:
        return {}
    command = [git, "-C", str(folder), "-c", "core.quotepath=off"]
    command += ["log", "--format=@%ct", "--name-only", "--no-renames", "--relative", "--", "."]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found: dict[Path, datetime] = {}
    at = datetime.now(UTC)
    for line in run.stdout.splitlines() if run.returncode == 0 else ():
        if line.startswith("@") and line[1:].isdigit():
            at = datetime.fromtimestamp(int(line[1:]), UTC)
        elif line:
            found.setdefault((folder / line).resolve(), at)
    return found
