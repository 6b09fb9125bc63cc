"""Puts names into an operator's query or address, so that a name can never become either."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from mendwheel.settings_senses import COMPONENT, STRING

EVERYTHING = ".+"
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def fill(template: str, label: str, components: Sequence[str]) -> str | None:
    """A PromQL or LogQL query with `{label}` and `{component}` filled in.

    In a string after `=~` or `|~` the names are alternatives of a regular expression, each quoted,
    and no names mean everything. In any other string the first name stands for itself: None where
    it needs one and there is none.
    """
    whole = True

    def place(found: re.Match[str]) -> str:
        nonlocal whole
        text = found[0]
        if COMPONENT not in text:
            return text
        pattern = found.string[: found.start()].rstrip().endswith("~")
        if not components:
            whole = whole and pattern
            return text.replace(COMPONENT, EVERYTHING)
        names = "|".join(_SPECIAL.sub(r"\\\g<0>", name) for name in components)
        if pattern and len(components) > 1:
            names = f"(?:{names})"
        return text.replace(COMPONENT, _literal(names if pattern else components[0], text[0]))

    filled = STRING.sub(place, template.replace("{label}", label))
    return filled if whole else None


def segment(name: str) -> str:
    """`name` as one part of an address; a name of dots alone stands for nothing.

    `..` would be taken for the folder above the one that the operator named.
    """
    return quote(name, safe="") if name.strip(".") else ""


def _literal(text: str, quote: str) -> str:
    """For a string in Go's syntax: nothing in it ends the string or the line."""
    if quote == "`":  # knows no escapes, so what would end it cannot be said
        return text.replace("`", "")
    text = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
