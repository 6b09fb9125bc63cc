"""Where a running `mendwheel up` can be found: a small file in `home`, believed only while true."""

import os
import socket
import tempfile
from pathlib import Path

from pydantic import BaseModel, ValidationError

_FILE = "up.json"
_ANSWER_WITHIN = 1.0


class UpFile(BaseModel):
    """What `mendwheel up` wrote about itself."""

    address: str
    ui_url: str | None = None
    pid: int


def write(home: Path, up: UpFile) -> None:
    """Replace the file whole: a reader never sees half of it."""
    home.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=home, prefix=f"{_FILE}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(up.model_dump_json())
    Path(draft).replace(home / _FILE)


def remove(home: Path, pid: int) -> None:
    """Remove the file if process `pid` wrote it."""
    found = _read(home)
    if found is not None and found.pid == pid:
        (home / _FILE).unlink(missing_ok=True)


def live(home: Path) -> UpFile | None:
    """The running `mendwheel up` of this home; a file left by a killed one does not count."""
    found = _read(home)
    if found is None or not _runs(found.pid) or not listens(found.address, _ANSWER_WITHIN):
        return None
    return found


def listens(address: str, within: float) -> bool:
    """Whether something accepts connections at `host:port` within so many seconds."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=within).close()
    except (OSError, ValueError, OverflowError):
        return False
    return True


def _read(home: Path) -> UpFile | None:
    try:
        return UpFile.model_validate_json((home / _FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None


def _runs(pid: int) -> bool:
    if os.name == "nt":  # there `kill` with 0 ends the process; the connection has to do
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it runs, as somebody else
        return True
    return True
