"""The keys of payloads: one writes, all read, and a file of them is read again when it changes."""

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mendwheel.security.private_file import guarded
from mendwheel.settings import Settings

WRITE, READ, NEXT = "write", "read", "next"
KEY_BYTES = 32
_LINE = re.compile(r"(write|read|next)\s+([A-Za-z0-9._-]{1,64})\s+([0-9a-fA-F]{64})")
_FILE_SETTING, _SETTING = "MENDWHEEL_PAYLOAD_KEYS_FILE", "MENDWHEEL_PAYLOAD_KEYS"
_LOOK_EVERY = 1.0

_log = logging.getLogger(__name__)


class PayloadKeyError(RuntimeError):
    """A key is missing or keys cannot be used; the message names it, the setting, the way out."""


@dataclass(frozen=True)
class PayloadKey:
    """One line of the file. Its bytes are never shown."""

    role: str
    id: str
    key: bytes

    def __repr__(self) -> str:
        return f"PayloadKey({self.role} {self.id})"


def parse(text: str, *, where: str) -> list[PayloadKey]:
    """The keys in `text`: one a line, `write|read|next ID KEY`; `#` begins a remark.

    Raises:
        PayloadKeyError: a line is none, an id stands twice, or not exactly one key writes.
    """
    found: list[PayloadKey] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        match = _LINE.fullmatch(said)
        if match is None:  # the line is not repeated: it may hold a key
            raise PayloadKeyError(
                f"{where}: line {number} is no key: needs `write|read|next ID` and 64 hex digits"
            )
        found.append(PayloadKey(match[1], match[2], bytes.fromhex(match[3])))
    ids = [each.id for each in found]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise PayloadKeyError(f"{where}: key {twice[0]} stands there twice: keep the right line")
    if sum(each.role == WRITE for each in found) != 1:
        raise PayloadKeyError(f"{where}: needs exactly one key that begins with `write`")
    return found


def read(path: Path) -> list[PayloadKey]:
    """The keys in the file. Raises PayloadKeyError."""
    try:
        if wrong := guarded(path):
            raise PayloadKeyError(wrong)
        return parse(path.read_text(encoding="utf-8"), where=str(path))
    except FileNotFoundError:
        raise PayloadKeyError(
            f"{path}: no such file: `mendwheel keys new` makes it, or correct {_FILE_SETTING}"
        ) from None
    except OSError as error:
        raise PayloadKeyError(f"{path}: {error.strerror or error}: make it readable") from error
    except UnicodeDecodeError:
        raise PayloadKeyError(
            f"{path}: not a text file: restore it from where it is kept"
        ) from None


class PayloadKeys:
    """Finds keys by id. Without any it writes plain and says which key is asked for."""

    def __init__(
        self,
        load: Callable[[], list[PayloadKey]] = list,
        *,
        file: Path | None = None,
        setting: str = _FILE_SETTING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises PayloadKeyError: they cannot be used."""
        self._load, self._file, self._setting, self._clock = load, file, setting, clock
        self._seen = self._look()
        self._looked = clock()
        self._known = _by_id(load())

    @classmethod
    def of(cls, settings: Settings) -> "PayloadKeys":
        """Raises PayloadKeyError."""
        path, given = settings.payload_keys_file, settings.payload_keys
        if path is not None:
            return cls(lambda: read(path), file=path)
        if given is not None:
            lines = given.get_secret_value().replace(",", "\n")
            keys = parse(lines, where=_SETTING)
            return cls(lambda: keys, setting=_SETTING)
        return cls()

    @property
    def writing(self) -> PayloadKey | None:
        """The key that encrypts; None: nothing is to be encrypted."""
        self._refresh(self._clock() - self._looked >= _LOOK_EVERY)
        return next((each for each in self._known.values() if each.role == WRITE), None)

    def reading(self, name: str) -> PayloadKey:
        """Raises PayloadKeyError: there is no such key."""
        if name not in self._known:
            self._refresh(True)  # a new key may have come a moment ago
        if name in self._known:
            return self._known[name]
        where = f" ({self._file})" if self._file else ""
        has = f"which has {', '.join(self._known)}" if self._known else "which is not set"
        raise PayloadKeyError(
            f"payload key {name!r} is not in {self._setting}{where}, {has}: give it the line of "
            "that key; what needs it is tried again"
        )

    def _refresh(self, due: bool) -> None:
        if self._file is None or not due:
            return
        self._looked = self._clock()
        now = self._look()
        if now == self._seen or now is None:
            return  # away for a moment while a new one is put in place: what was read still holds
        self._seen = now
        try:
            self._known = _by_id(self._load())
        except PayloadKeyError as error:
            _log.warning("%s: going on with the keys from before", error)

    def _look(self) -> tuple[int, ...] | None:
        if self._file is None:
            return None
        try:
            found = os.stat(self._file)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode


def _by_id(keys: Iterable[PayloadKey]) -> Mapping[str, PayloadKey]:
    return {each.id: each for each in keys}
