"""Makes and rotates the file of payload keys. A key that wrote anything stays in it, to read."""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from mendwheel.security import private_file
from mendwheel.security.payload_keys import (
    KEY_BYTES,
    NEXT,
    READ,
    WRITE,
    PayloadKey,
    PayloadKeyError,
    read,
)

_HEAD = """\
# Keys of Mendwheel's payloads. `write` encrypts, all of them decrypt, `next` will write after the
# next rotation. A line may go once no history that was written with its key is kept any more.
"""
_STALE = 60.0
"""Seconds after which a lock was left by a process that is gone: a rotation takes milliseconds."""


def make(path: Path) -> PayloadKey | None:
    """Make the file with one key; None when it is there already, and is left as it is.

    Raises:
        PayloadKeyError: what is there cannot be used.
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        if path.exists():
            read(path)
            return None
        first = _fresh([], WRITE)
        private_file.replace(path, _text([first]))
        return first


def stage(path: Path) -> PayloadKey:
    """The key that the next rotation will write with, made if there is none. Raises as `make`."""
    with _locked(path):
        keys = read(path)
        waiting = _next(keys)
        if waiting is None:
            waiting = _fresh(keys, NEXT)
            private_file.replace(path, _text([*keys, waiting]))
        return waiting


def rotate(path: Path, *, again: bool = False) -> PayloadKey | None:
    """The key that writes from now on: the staged one, or a new one.

    None when the key that writes is from today and none is staged: a command that is run twice
    does not rotate twice, unless told to do it `again`. Raises as `make`.
    """
    with _locked(path):
        keys = read(path)
        chosen = _next(keys)
        if chosen is None:
            writing = next(each for each in keys if each.role == WRITE)
            if writing.id.startswith(_today()) and not again:
                return None
            chosen = _fresh(keys, WRITE)
        chosen = replace(chosen, role=WRITE)
        kept = [replace(each, role=READ) for each in keys if each.id != chosen.id]
        private_file.replace(path, _text([chosen, *kept]))
        return chosen


def _next(keys: list[PayloadKey]) -> PayloadKey | None:
    return next((each for each in keys if each.role == NEXT), None)


def _fresh(keys: list[PayloadKey], role: str) -> PayloadKey:
    taken = {each.id for each in keys}
    while (name := f"{_today()}-{secrets.token_hex(3)}") in taken:
        continue
    return PayloadKey(role, name, secrets.token_bytes(KEY_BYTES))


def _today() -> str:
    return date.today().strftime("%Y%m%d")


def _text(keys: list[PayloadKey]) -> str:
    return _HEAD + "".join(f"{each.role:<5} {each.id} {each.key.hex()}\n" for each in keys)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One change at a time: of two at once, the later would throw away the earlier one's key."""
    lock = path.with_name(f"{path.name}.lock")
    with contextlib.suppress(FileNotFoundError):
        if time.time() - lock.stat().st_mtime > _STALE:
            lock.unlink()
    try:
        os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise PayloadKeyError(
            f"{lock}: somebody is changing the keys just now: run it again in a minute"
        ) from None
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
