"""One SELECT and nothing else: what an operator may have read from a database."""

import re
from collections.abc import Iterator

PARAMETERS = ("component", "start", "end", "start_epoch", "end_epoch", "subject", "tenant")
"""What is bound, never pasted: the times in UTC as ISO 8601 or as seconds since 1970."""

QUOTED = re.compile(
    r"'(?:[^']|'')*'" r'|"(?:[^"]|"")*"' r"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$",
    re.DOTALL,
)
"""Strings, names in quotes, and comments."""

_WORD = re.compile(r"[A-Za-z_]\w*")
_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
_WRITING_WORDS = """
alter analyze attach call commit copy create delete detach do drop execute grant insert into load
lock merge pragma reindex revoke savepoint set truncate update vacuum
"""
_WRITES = frozenset(_WRITING_WORDS.split())


def one_select(text: str) -> str:
    """`text` without its last semicolon.

    Raises:
        ValueError: it is more than one statement, does not begin with SELECT or WITH, or holds a
            word that writes; a column of such a name has to be quoted.
    """
    bare = QUOTED.sub(" ", text).strip().rstrip("; \n\t")
    if ";" in bare:
        raise ValueError("holds more than one statement: write a query for each")
    words = [word.lower() for word in _WORD.findall(_PARAMETER.sub(" ", bare))]
    if not words or words[0] not in ("select", "with"):
        raise ValueError("must begin with SELECT or WITH: nothing else is read")
    if found := next((word for word in words if word in _WRITES), None):
        raise ValueError(f"holds the word {found}: only reading is allowed; quote it as a name")
    unknown = [name for name in parameters(text) if name not in PARAMETERS]
    if unknown:
        allowed = ", ".join(f":{name}" for name in PARAMETERS)
        raise ValueError(f"binds :{unknown[0]}, which is not known; known: {allowed}")
    return re.sub(r";\s*\Z", "", text.strip())


def parameters(text: str) -> Iterator[str]:
    """Names bound in `text`, outside of quotes and comments."""
    for found in _PARAMETER.finditer(QUOTED.sub(" ", text)):
        yield found[1]
