"""What reaches the terminal. Texts of tickets are untrusted: they never control it.

Results go to stdout, everything said beside them to stderr, so that a pipe gets results only.
"""

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console
    from rich.status import Status

# C0 and C1 controls start escape sequences; bidirectional marks make a line read as another one.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_PIPE_WIDTH = 10_000


def safe(text: str) -> str:
    """`text` without terminal escape sequences and control characters but line feed and tab."""
    return _UNSAFE.sub("", _SEQUENCE.sub("", text.replace("\r\n", "\n")))


def line(text: str) -> str:
    """`text` as one safe line."""
    return " ".join(safe(text).split())


def say(text: str = "", style: str = "") -> None:
    """A line or more of the result."""
    _print(sys.stdout, text, style)


def note(text: str, style: str = "") -> None:
    """Said beside the result."""
    _print(sys.stderr, text, style)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, shrink: str) -> None:
    """A table on stdout; only the column `shrink` is cut where the terminal is too narrow."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        tight = heading == shrink
        grid.add_column(heading, no_wrap=True, overflow="ellipsis" if tight else "fold")
    for row in rows:
        grid.add_row(*(Text(line(cell)) for cell in row))
    console = _console(sys.stdout)
    with console.capture() as drawn:
        console.print(grid)
    # The last column is padded to its width: nothing but noise in a pipe.
    sys.stdout.write("".join(f"{each.rstrip()}\n" for each in drawn.get().splitlines()))


def spinner(text: str) -> "Status":
    """Shows on a terminal that something goes on; silent in a pipe. Use as a context manager."""
    from rich.text import Text

    return _console(sys.stderr).status(Text(line(text)))


def document(value: "BaseModel | dict[str, Any]", *, indent: int | None = 2) -> None:
    """The one JSON document of a command with `--json`."""
    data = value if isinstance(value, dict) else value.model_dump(mode="json")
    text = json.dumps(data, ensure_ascii=False, indent=indent, default=str)
    # Any language stays readable; what could control a terminal is escaped.
    sys.stdout.write(_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def forgive_encoding() -> None:
    """A terminal that lacks a character shows a mark instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def flush() -> None:
    """Write out what is buffered, even when the reader of a pipe has gone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _print(stream: Any, text: str, style: str) -> None:
    if style and stream.isatty():
        from rich.text import Text

        _console(stream).print(Text(safe(text), style=style))
    else:
        stream.write(safe(text) + "\n")


@lru_cache(maxsize=4)
def _console(stream: Any) -> "Console":
    from rich.console import Console

    # A pipe has no width: nothing may be cut or broken there.
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
