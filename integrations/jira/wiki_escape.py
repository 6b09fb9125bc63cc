"""Text that wiki markup leaves alone: no macro, mention, link, emoticon or list is made of it."""

import re

_BACKSLASH = "&#92;"  # two backslashes would be a line break, and one escapes what follows
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")
_ALWAYS = re.compile(r"([{}\[\]*|!?^~+()]|(?<!\S)#)")
# Inside of words these are letters to Jira; escaping them there would only hurt the eye.
_AT_EDGES = re.compile(r"(?<![^\W_])([_-])|([_-])(?![^\W_])")
_LINE_START = re.compile(r"^(\s*(?:h[1-6]|bq))\.(?=\s|$)", re.M)
_ADDRESS = re.compile(r"(?<=[a-z]):(?=//)|(?<=\bmailto):", re.I)
_FACE = re.compile(r"([:;])(?=[DPp](?!\w))")


def escaped(text: str) -> str:
    """`text` as wiki markup that shows exactly this."""
    parts = text.split("\\")
    return _BACKSLASH.join(_escaped(part) for part in parts)


def _escaped(text: str) -> str:
    text = _ENTITY.sub("&amp;", text)
    text = _ALWAYS.sub(r"\\\1", text)
    text = _AT_EDGES.sub(r"\\\1\2", text)
    text = _LINE_START.sub(r"\1&#46;", text)
    text = _ADDRESS.sub("&#58;", text)
    return _FACE.sub(lambda found: f"&#{ord(found[1])};", text)


def unmacroed(code: str) -> str:
    """Code that cannot end or begin a macro: an invisible space stands in the macro's name."""
    return re.sub(r"\{(?=(?:code|noformat)\b)", "{\u200b", code, flags=re.I)


def target(url: str) -> str:
    """A checked address as it may stand in `[text|address]`."""
    return re.sub(r"[|\[\]{}\\^!]", lambda found: f"%{ord(found[0]):02X}", url)
