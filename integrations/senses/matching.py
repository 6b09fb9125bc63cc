"""Puts a component's name into an operator's query, so that a name can never become a query."""

import re

from mendwheel.settings_senses import COMPONENT, STRING

EVERYTHING = ".+"
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def fill(template: str, label: str, component: str | None) -> str | None:
    """A PromQL or LogQL query with `{label}` and `{component}` filled in.

    In a string after `=~` or `|~` a name is quoted as a regular expression, and no component means
    all of them. In any other string it stands for itself: None where it needs a component and there
    is none.
    """
    whole = True

    def place(found: re.Match[str]) -> str:
        nonlocal whole
        text = found[0]
        if COMPONENT not in text:
            return text
        pattern = found.string[: found.start()].rstrip().endswith("~")
        if component is None:
            whole = whole and pattern
            return text.replace(COMPONENT, EVERYTHING)
        name = _SPECIAL.sub(r"\\\g<0>", component) if pattern else component
        return text.replace(COMPONENT, _literal(name, text[0]))

    filled = STRING.sub(place, template.replace("{label}", label))
    return filled if whole else None


def _literal(text: str, quote: str) -> str:
    """For a string in Go's syntax: nothing in it ends the string or the line."""
    if quote == "`":  # knows no escapes, so what would end it cannot be said
        return text.replace("`", "")
    text = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
