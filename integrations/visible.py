"""What people decide and click on says what it is.

JSON means the same and shows everything in it: a sign that turns the direction of writing, or has
no width, would show approvers another value. A link that reads as an address leads there.
"""

import unicodedata


def visible(written: str) -> str:
    """`written` (JSON) with what cannot be seen as escapes."""
    return "".join(char if _seen(char) else _escaped(char) for char in written)


def posing(label: str, url: str) -> bool:
    """Whether `label` reads as another address than the one it leads to."""
    said = label.strip().casefold()
    return said.startswith(("http:", "https:", "www.")) and said != url.strip().casefold()


def _seen(char: str) -> bool:
    return char in " \n" or unicodedata.category(char)[0] not in "CZ"


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
