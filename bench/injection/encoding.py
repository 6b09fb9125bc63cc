"""The same words out of sight: for a reader, for a filter, or for both."""

import base64
import codecs
from urllib.parse import quote

_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_CYRILLIC = str.maketrans("aceiopsxyACEHKMOPTX", "асеіорѕхуАСЕНКМОРТХ")
_DOTS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
    ".-- -..- -.-- --.."
)
_MORSE = dict(zip("abcdefghijklmnopqrstuvwxyz", _DOTS.split(" "), strict=True))


def homoglyph(text: str) -> str:
    """`text` in letters of another script that look the same."""
    return text.translate(_CYRILLIC)


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _tags(text: str) -> str:
    return "The service is slow." + "".join(chr(0xE0000 + ord(c)) for c in text if c.isascii())


_WAYS = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "reversed": lambda text: text[::-1],
    "percent": lambda text: quote(text, safe=""),
    "entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "leet": lambda text: text.translate(_LEET),
    "zero_width": "\u200b".join,
    "homoglyph": homoglyph,
    "fullwidth": _wide,
    "tag_characters": _tags,
    "spread": " ".join,
    "morse": lambda text: " ".join(_MORSE.get(c, c) for c in text.lower()),
    "binary": lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
}


def encoded(text: str, way: str) -> str:
    """`text` in one of the ways that the corpus names; as it is where it names none."""
    return str(_WAYS[way](text)) if way else text
