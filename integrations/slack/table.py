"""A table as aligned text, for a font in which every letter is equally wide."""

from unicodedata import east_asian_width

_WIDEST = 40
"""Columns of a cell; what is longer stays whole and leaves the grid."""


def aligned(rows: list[list[str]]) -> list[str]:
    """One line a row, with a rule below the first."""
    if not rows:
        return []
    columns = max(map(len, rows))
    full = [row + [""] * (columns - len(row)) for row in rows]
    widths = [min(_WIDEST, max(map(_width, column))) for column in zip(*full, strict=True)]
    head, *body = (_line(row, widths) for row in full)
    return [head, "─┼─".join("─" * width for width in widths), *body]


def _line(row: list[str], widths: list[int]) -> str:
    cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return " │ ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
