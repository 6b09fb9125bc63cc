"""Reads a folder or file of documents. What cannot be read is reported, and the rest goes on."""

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


def read_documents(path: str | Path) -> Iterator[Document | Problem]:
    """The documents of a folder (walked in order of name) or of one file.

    Hidden files and folders are skipped. The id of a Markdown or HTML document is its path within
    the folder, unless its front matter names one.

    Raises:
        FileNotFoundError: `path` does not exist; at once, not at the first document.
    """
    root = Path(path)
    if not root.exists():
        raise FileNotFoundError(
            f"{root} does not exist: give a folder of documents, or a .md, .html or .jsonl file"
        )
    return _walk(root) if root.is_dir() else _file(root, root.name)


def _walk(root: Path) -> Iterator[Document | Problem]:
    found = 0
    for file in sorted(root.rglob("*")):
        inside = file.relative_to(root)
        if any(part.startswith(".") for part in inside.parts) or not file.is_file():
            continue
        found += 1
        yield from _file(file, inside.as_posix())
    if not found:
        yield Problem(str(root), 0, "the folder holds no files")


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
