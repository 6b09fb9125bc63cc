"""The keys of a route, read anew for each call, and which of them is not worth trying now."""

import os
import re
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

REFUSED_FOR = 600.0
"""Seconds for which a key that was refused is tried last; a new one in its place is tried first."""

LIMITED_FOR = 30.0
"""The same for a key that was asked to wait, where the endpoint does not say for how long."""

_PRINTABLE = re.compile(r"[!-~]+").fullmatch


class Keys:
    """`sources` are `env:NAME` or `file:PATH` with one key a line; `fixed` goes before them."""

    def __init__(
        self,
        sources: Sequence[str] = (),
        *,
        fixed: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources = tuple(sources)
        self._fixed = fixed
        self._clock = clock
        self._benched: dict[str, float] = {}  # digest of the key → until

    def usable(self) -> list[str]:
        """Keys to try, in order; those that failed lately are left out while others are there."""
        found = list(dict.fromkeys(self._read()))
        now = self._clock()
        good = [key for key in found if self._benched.get(_digest(key), 0.0) <= now]
        return good or found

    def bench(self, key: str, seconds: float) -> None:
        """Do not use `key` for so long."""
        now = self._clock()
        self._benched = {name: until for name, until in self._benched.items() if until > now}
        self._benched[_digest(key)] = now + seconds

    def _read(self) -> list[str]:
        keys = [self._fixed] if self._fixed else []
        for source in self._sources:
            kind, _, name = source.partition(":")
            text = os.environ.get(name, "") if kind == "env" else _file(Path(name))
            # What cannot stand in a header is no key, but would break the request.
            keys += [line for line in map(str.strip, text.splitlines()) if _PRINTABLE(line)]
        return keys


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        # It may be away for a moment while a new one is put in place; without any key the
        # endpoint says so itself, and that error names the setting.
        return ""


def _digest(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
