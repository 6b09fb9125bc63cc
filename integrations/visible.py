"""JSON that people decide on: it means the same, and everything in it can be seen.

A sign that turns the direction of writing, or has no width, would show approvers another value.
"""

import unicodedata


def visible(written: str) -> str:
    """`written` (JSON) with what cannot be seen as escapes."""
    return "".join(char if _seen(char) else _escaped(char) for char in written)


def _seen(char: str) -> bool:
    return char in " \n" or unicodedata.category(char)[0] not in "CZ"


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
