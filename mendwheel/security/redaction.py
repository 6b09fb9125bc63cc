"""Hides secrets and personal data before a text leaves, and puts them back into what returns.

Placeholders (`<secret-1>`, `<email-1>`) keep a text readable: the same value has the same one.
"""

import re
from functools import partial

from mendwheel.security.secret_shapes import IBAN, SHAPES, Shape, is_iban

_AHEAD = 4_096
"""Characters: longer than all secrets but private keys, whose beginning is known as one."""

_PLACEHOLDER = re.compile(r"<(?:secret|email|card|iban|literal)-\d{1,6}>")


def redact(text: str) -> str:
    """`text` with secrets and personal data replaced for good. Redacting twice changes nothing."""
    return _Hider(_PLACEHOLDER.findall(text)).hide(text)


def redact_beginning(text: str, limit: int) -> str:
    """The beginning of `text`, redacted, and at most `limit` characters of it.

    What is read ahead is thrown away: a secret that a cut has broken would not be known as one.
    """
    if len(text) <= limit + _AHEAD:
        return redact(text)[:limit]
    return redact(text[: limit + _AHEAD])[:-_AHEAD][:limit]


def without_secrets(text: str) -> str:
    """`text` as it may be shown where many read it: addresses stay, keys and accounts do not."""
    hider = _Hider(_PLACEHOLDER.findall(text))
    hidden = hider.hide(text)
    return restore(hidden, {k: v for k, v in hider.values.items() if k.startswith("<email-")})


def holds_secret(text: str) -> bool:
    """Whether a secret stands in `text`: a key, a password, an account; not an address."""
    hider = _Hider(_PLACEHOLDER.findall(text))
    hider.hide(text)
    return any(not placeholder.startswith("<email-") for placeholder in hider.values)


def restore(text: str, hidden: dict[str, str]) -> str:
    """`text` with each known placeholder replaced by what it stands for."""
    # One pass: a restored value is never looked into for placeholders again.
    return _PLACEHOLDER.sub(lambda found: hidden.get(found[0], found[0]), text)


class Mask:
    """Hides over several texts with one numbering, so that an answer about all can be restored."""

    _LEAST = 6  # characters: a shorter one is a word that stands elsewhere with another meaning

    def __init__(self) -> None:
        self._hider = _Hider()

    @property
    def hidden(self) -> dict[str, str]:
        """Placeholder → what it stands for."""
        return dict(self._hider.values)

    def hide(self, text: str) -> str:
        """`text` with placeholders."""
        # A placeholder that an author typed stands for itself: it must not fetch, on the way
        # back, a secret out of a text that this author may not read.
        literal = _PLACEHOLDER.sub(lambda found: self._hider.name("literal", found[0]), text)
        return self._hider.hide(literal)

    def hide_again(self, text: str) -> str:
        """`text` with each secret hidden that is known by now, also where it stands alone.

        What was put back into a statement has lost the words by which it was told to be a secret.
        """
        for placeholder, value in self._hider.values.items():
            if placeholder.startswith("<secret-") and len(value) >= self._LEAST:
                whole = rf"(?<!\w){re.escape(value)}(?!\w)"
                text = re.sub(whole, placeholder, text)
        return text

    def restore(self, text: str) -> str:
        """`text` with what the placeholders stand for."""
        return restore(text, self._hider.values)


class _Hider:
    """Gives each hidden value its placeholder; `taken` ones are not given out."""

    def __init__(self, taken: list[str] | None = None) -> None:
        self.values: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._taken = frozenset(taken or ())

    def name(self, kind: str, value: str) -> str:
        known = self._names.get((kind, value))
        if known:
            return known
        while True:
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            placeholder = f"<{kind}-{number}>"
            if placeholder not in self._taken:
                break
        self._names[kind, value] = placeholder
        self.values[placeholder] = value
        return placeholder

    def hide(self, text: str) -> str:
        for shape in SHAPES:
            text = shape.pattern.sub(partial(self._swap, shape), text)
        return IBAN.sub(self._swap_iban, text)

    def _swap(self, shape: Shape, found: re.Match[str]) -> str:
        group = found.lastgroup or 0
        value = found[group]
        if _PLACEHOLDER.search(value) or not shape.is_real(value):
            return found[0]
        start, end = found.start(group) - found.start(), found.end(group) - found.start()
        return found[0][:start] + self.name(shape.kind, value) + found[0][end:]

    def _swap_iban(self, found: re.Match[str]) -> str:
        end = len(found[0])
        while end > 0:
            if is_iban(found[0][:end]):
                return self.name("iban", found[0][:end]) + found[0][end:]
            end = found[0].rfind(" ", 0, end)
        return found[0]
