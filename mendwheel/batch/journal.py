"""The rows a batch has finished, kept as they come: a crash loses at most the one being written."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from mendwheel.batch.rows import Row


class Journal:
    """An append-only file of rows. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.rows: dict[str, Row] = {}

    def __enter__(self) -> Self:
        self._path.touch()
        written = self._path.read_bytes()
        whole = written.rfind(b"\n") + 1
        for line in written[:whole].splitlines():
            row = Row.model_validate_json(line)
            self.rows[row.id] = row
        self._file = self._path.open("r+b")
        # What a kill cut in the middle would swallow the next row's beginning.
        self._file.truncate(whole)
        self._file.seek(whole)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(self, row: Row) -> None:
        assert self._file is not None, "the journal is not open"
        self._file.write(row.model_dump_json().encode() + b"\n")
        self._file.flush()
        self.rows[row.id] = row
