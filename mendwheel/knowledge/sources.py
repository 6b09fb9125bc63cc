"""Reads a folder or file of documents. What cannot be read is reported, and the rest goes on."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mendwheel.domain.knowledge import Document
from mendwheel.knowledge import parse

MOST_BYTES = 64 * 1024 * 1024
"""A single Markdown or HTML file larger than this is not read."""

_READERS: dict[str, Callable[[str, str], Document]] = {
    ".md": parse.markdown,
    ".markdown": parse.markdown,
    ".mdx": parse.markdown,
    ".rst": parse.markdown,
    ".txt": parse.markdown,
    ".html": parse.html,
    ".htm": parse.html,
}
_ROWS = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Problem:
    """Something that could not be read; `line` is 0 where the whole file is meant."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


@dataclass(frozen=True)
class File:
    """A file of a source; `place` is its path within, and the id of the document that it is."""

    path: Path
    place: str

    def read(self) -> Iterator[Document | Problem]:
        """Its documents in order, and what of it could not be read."""
        return _file(self.path, self.place)


@dataclass(frozen=True)
class Listing:
    """The files of a source in order of name; not `whole` where a folder could not be read."""

    files: list[File]
    problems: list[Problem]
    whole: bool


def read_documents(path: str | Path) -> Iterator[Document | Problem]:
    """The documents of a folder (walked in order of name) or of one file.

    Hidden files and folders are skipped. The id of a Markdown or HTML document is its path within
    the folder, unless its front matter names one.

    Raises:
        FileNotFoundError: `path` does not exist; at once, not at the first document.
    """
    return _documents(listed(path))


def listed(path: str | Path) -> Listing:
    """What there is to read below `path`, or `path` itself.

    Raises:
        FileNotFoundError: `path` does not exist.
    """
    root = Path(path)
    if not root.exists():
        raise FileNotFoundError(
            f"{root} does not exist: give a folder of documents, or a .md, .html or .jsonl file"
        )
    if not root.is_dir():
        return Listing([File(root, root.name)], [], whole=True)
    problems: list[Problem] = []
    found = sorted(_walk(root, problems))
    files = [File(file, file.relative_to(root).as_posix()) for file in found]
    whole = not problems
    if whole and not files:
        problems.append(Problem(str(root), 0, "the folder holds no files"))
    return Listing(files, problems, whole)


def _walk(root: Path, problems: list[Problem]) -> Iterator[Path]:
    def missed(error: OSError) -> None:
        # A folder that cannot be looked into is not an empty one.
        problems.append(Problem(str(error.filename), 0, error.strerror or str(error)))

    for folder, below, names in os.walk(root, onerror=missed):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            file = Path(folder, name)
            # One that is away, as behind a link, is read and named; a pipe would never end.
            if not name.startswith(".") and (file.is_file() or not file.exists()):
                yield file


def _documents(listing: Listing) -> Iterator[Document | Problem]:
    yield from listing.problems
    for file in listing.files:
        yield from file.read()


def _file(file: Path, identity: str) -> Iterator[Document | Problem]:
    suffix = file.suffix.lower()
    try:
        if suffix in _ROWS:
            yield from _rows(file)
        elif suffix in _READERS:
            yield _whole(file, identity, _READERS[suffix])
        else:
            known = " ".join([*_READERS, *_ROWS])
            yield Problem(str(file), 0, f"`{suffix or file.name}` is not read (known: {known})")
    except (OSError, parse.Malformed) as error:
        yield Problem(str(file), 0, str(error))
    except UnicodeDecodeError as error:
        yield Problem(str(file), 0, f"not UTF-8 text (byte {error.start})")


def _whole(file: Path, identity: str, reader: Callable[[str, str], Document]) -> Document:
    if file.stat().st_size > MOST_BYTES:
        raise parse.Malformed(f"larger than {MOST_BYTES // 2**20} MB: split it")
    text = file.read_text("utf-8")
    if "\x00" in text:
        raise parse.Malformed("a binary file, not text")
    return reader(text, identity)


def _rows(file: Path) -> Iterator[Document | Problem]:
    read = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            read += 1
            try:
                yield parse.row(line.decode("utf-8"))
            except UnicodeDecodeError:
                yield Problem(str(file), number, "not UTF-8 text")
            except parse.Malformed as error:
                yield Problem(str(file), number, str(error))
    if not read:
        yield Problem(str(file), 0, "the file is empty")
