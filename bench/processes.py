"""Child processes of a bench: started, waited for until they say that they are ready, stopped."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from bench.world import ROOT, cpu_seconds


def ready() -> None:
    """Tell who started this process, once.

    The SDK's core logs to descriptor 1, where nobody reads on: a full pipe would stop a worker.
    """
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    os.dup2(2, 1)


class Child:
    """Runs `command` from the repository's root until `stop`; its complaints go to `log`."""

    def __init__(self, name: str, command: list[str], log: Path, **environment: str) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    async def line(self) -> str:
        """The next line that it prints. Raises RuntimeError when it ended instead."""
        output: IO[str] | None = self._process.stdout
        assert output is not None
        if found := (await asyncio.to_thread(output.readline)).strip():
            return found
        said = self.log.read_text("utf-8", "replace")[-2000:]
        raise RuntimeError(f"{self.name} ended before it was ready:\n{said}")

    def cpu(self) -> float:
        """Seconds of CPU it has used."""
        return cpu_seconds(self._process.pid)

    def memory(self, what: str = "VmHWM") -> float:
        """Megabytes resident: at most until now, or now (`VmRSS`). From Linux's `/proc`."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        [found] = [line for line in lines if line.startswith(f"{what}:")]
        return int(found.split()[1]) / 1024

    def kill(self) -> None:
        """`kill -9`: it hears nothing of it."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Asks it to end, and waits."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.communicate()
