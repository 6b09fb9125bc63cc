"""Texts between tags that they cannot close: not in other letters, with gaps, nor out of sight.

To a model a tag is whatever reads as one, so what is looked for is what reads so. What nobody sees
and a model reads, as the tag characters of Unicode, is taken out altogether.
"""

import re
import unicodedata
from collections.abc import Sequence

from mendwheel.gateway.extractive.lookalikes import seen

INSTEAD = "‹"
"""Stands where a tag would have begun."""

_OPENS = re.compile("[<＜﹤‹〈《〈⟨❮˂ᐸᚲ＜\u2039]|&(?:lt|#0*60|#x0*3c);?", re.IGNORECASE)
_LOOKED_AT = 48
"""Characters behind an opening sign that are looked at, hidden ones and gaps among them."""
_LETTER = re.compile(r"[a-z0-9]")
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\x00-\x08\x0e-\x1f]")
"""Turned directions, tag and control characters. What joins letters stays: languages need it."""


def unfenced(text: str, tags: Sequence[str]) -> str:
    """`text` in which nothing reads as the beginning or the end of one of `tags`."""
    text = _UNSEEN.sub("", text)
    parts, done = [], 0
    for found in _OPENS.finditer(text):
        if found[0] != INSTEAD and _reads_as(text[found.end() : found.end() + _LOOKED_AT], tags):
            parts += [text[done : found.start()], INSTEAD]
            done = found.end()
    return "".join([*parts, text[done:]]) if parts else text


def _reads_as(behind: str, tags: Sequence[str]) -> bool:
    """Whether what follows an opening sign reads as the name of one of `tags`, closing or not."""
    word = ""
    for letter in seen(behind).casefold().lstrip(" \t\n/\\⁄∕／|"):
        if _LETTER.match(letter):
            word += letter
            continue
        if word in tags:
            return True
        if unicodedata.category(letter)[0] not in "ZCM" and letter not in "\t\n":
            return False
    return word in tags
