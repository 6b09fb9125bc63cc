"""A counterpart in a process of its own: started, waited for, its log kept when it fails."""

import json
import os
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

READY_WITHIN = 20.0
LOG_LINES = 20
"""Lines of the log that a failure shows."""


class CounterpartFailed(Exception):
    """A counterpart did not start or answered what it must not; the message quotes its log."""


class CounterpartProcess:
    """Runs until `stop`, and no longer than its parent: it ends when its standard input does."""

    def __init__(self, name: str, command: list[str], **environment: str) -> None:
        self.name = name
        number, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".log")
        self.log = Path(path)
        """What it writes to standard error."""
        self._process = subprocess.Popen(
            command,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=number,
            text=True,
            start_new_session=True,  # Ctrl-C is for the parent, which then ends us
        )
        os.close(number)

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, line: str) -> None:
        """Writes one line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def first_line(self) -> str:
        """What it prints when it listens. Raises CounterpartFailed when it ended instead."""
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise self.failure("ended before it was ready")

    def wait_for(self, url: str) -> None:
        """Until `url` answers 200. Raises CounterpartFailed when it does not in time."""
        end = time.monotonic() + READY_WITHIN
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if fetch(url)[0] == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise self.failure(f"did not answer at {url}")

    def failure(self, what: str) -> CounterpartFailed:
        """The error to raise, with the end of the log and where all of it lies."""
        tail = self.log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
        return CounterpartFailed("\n".join([f"{self.name} {what} ({self.log})", *tail]))

    def stop(self, keep_log: bool = False) -> None:
        """Ends this process, by its own id, and leaves nothing open."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        if keep_log:
            sys.stderr.write(f"log of {self.name}: {self.log}\n")
        else:
            self.log.unlink()


class Counterpart:
    """Base of the three: a context manager around one process.

    `keep_log`: leave the log where it is and say where, because something went wrong.
    """

    process: CounterpartProcess
    keep_log = False

    def start(self) -> None:
        """Raises CounterpartFailed."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.process.stop(keep_log=True)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.process.stop(keep_log=self.keep_log or kind is not None)


def fetch(
    url: str, body: dict[str, Any] | None = None, method: str = "", token: str = ""
) -> tuple[int, Any]:
    """Status and JSON answer of one request; its connection is closed afterwards."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request(
            method or ("GET" if body is None else "POST"),
            parts.path + (f"?{parts.query}" if parts.query else ""),
            None if body is None else json.dumps(body),
            headers,
        )
        answer = connection.getresponse()
        raw = answer.read()
    finally:
        connection.close()
    try:
        return answer.status, json.loads(raw or b"null")
    except ValueError:
        return answer.status, raw.decode("utf-8", "replace")
