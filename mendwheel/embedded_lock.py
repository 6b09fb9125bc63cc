"""One embedded server a folder: two on one database file would corrupt each other's tickets.

The lock is the kernel's, so a killed process never leaves it behind; the file's text only names
who holds it and which server was started, for the message and for clearing up.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pydantic import BaseModel


class Holder(BaseModel):
    """Text of the lock file."""

    pid: int
    server: int | None = None


class FolderLock:
    """Held from `take` to `release`, or to the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> Holder | None:
        """Hold the lock; returns what a process that is gone had written.

        Raises:
            BlockingIOError: somebody holds it; `holder` says who.
        """
        if sys.platform == "win32":
            raise BlockingIOError("file locks need Linux or macOS")
        import fcntl

        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        left = self.holder()
        self.write(Holder(pid=os.getpid()))
        return left

    def holder(self) -> Holder | None:
        """Who wrote last; None when nothing readable is there."""
        with contextlib.suppress(OSError, ValueError):
            return Holder.model_validate_json(self._path.read_bytes())
        return None

    def write(self, holder: Holder) -> None:
        assert self._descriptor is not None
        text = holder.model_dump_json().encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)

    def release(self) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def stop_stale(pid: int, database: Path, *, within: float = 10.0) -> bool:
    """Stop process `pid` if it is a server on `database`; False when there is none.

    A number is given to another program sooner or later, so the command line must name our file.
    """
    if str(database) not in _command_line(pid):
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        end = time.monotonic() + within
        while time.monotonic() < end:
            if str(database) not in _command_line(pid):
                return True
            time.sleep(0.05)
    return True


def _command_line(pid: int) -> str:
    """Words of a process's command line; empty when it is gone or only waits to be reaped."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""
    listed = subprocess.run(  # noqa: S603 - fixed words and a number
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout
