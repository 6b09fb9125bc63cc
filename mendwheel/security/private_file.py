"""Files that hold a secret: readable by nobody else, replaced whole."""

import os
import secrets
import stat
from pathlib import Path


def guarded(path: Path) -> str | None:
    """What is wrong with who may read `path`, and the way out; None when all is well.

    Raises:
        OSError: it cannot be looked at.
    """
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return f"{path}: others may read this file of keys: chmod 600 it"
    return None


def replace(path: Path, text: str) -> None:
    """Put `text` where `path` is, in one step, for nobody but us to read.

    Raises:
        OSError
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def make_once(path: Path, text: str) -> None:
    """Put `text` where `path` is, for nobody but us to read. What is there already stays.

    Raises:
        OSError
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    replace(draft, text)
    try:
        # A link appears whole and only once: of two processes, the second finds the first's text.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def key_in(path: Path, size: int) -> bytes | None:
    """The key of `size` bytes that `path` holds in hexadecimal; None when it holds none.

    Raises:
        OSError
    """
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        return None
    return key if len(key) == size else None
