"""The master key of a store's texts: one file beside the store, made on first use.

It wraps the keys of the tickets and nothing else. A copy of the store without this file holds no
readable text.
"""

import os
import secrets
import stat
from pathlib import Path

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
            _create(path)
        return _read(path)
    except OSError as error:
        raise StoreKeyError(
            f"{path}: {error.strerror or error}: make the file readable and its folder writable"
        ) from error


def _create(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole and only once: of two processes, the second finds the first's key.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise StoreKeyError(f"{path}: others may read this key: chmod 600 it")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise StoreKeyError(
            f"{path}: not a key of {BYTES} bytes: restore it from a backup (without it no text"
            " of the store can be read)"
        )
    return key
