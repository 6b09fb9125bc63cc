"""The master key of a store's texts: one file beside the store, made on first use.

It wraps the keys of the tickets and nothing else. A copy of the store without this file holds no
readable text.
"""

import secrets
from pathlib import Path

from mendwheel.security import private_file

BYTES = 32


class StoreKeyError(RuntimeError):
    """The key file cannot be used; the message names it and the way out."""


def key_file(store: Path) -> Path:
    """Where the key of the store at `store` lies."""
    return store.with_suffix(".key")


def load(path: Path, *, make: bool) -> bytes:
    """The key in `path`. Where there is none it is made, but only if `make`.

    Raises:
        StoreKeyError: the file is missing, damaged, readable by others, or cannot be made.
    """
    try:
        if not path.exists():
            if not make:
                raise StoreKeyError(
                    f"{path} is missing and the store's texts were sealed with it: restore it from"
                    " a backup"
                )
            private_file.make_once(path, secrets.token_hex(BYTES))
        return _read(path)
    except OSError as error:
        raise StoreKeyError(
            f"{path}: {error.strerror or error}: make the file readable and its folder writable"
        ) from error


def _read(path: Path) -> bytes:
    if private_file.guarded(path):
        raise StoreKeyError(f"{path}: others may read this key: chmod 600 it")
    key = private_file.key_in(path, BYTES)
    if key is None:
        raise StoreKeyError(
            f"{path}: not a key of {BYTES} bytes: restore it from a backup (without it no text"
            " of the store can be read)"
        )
    return key
