"""Slack and Jira Cloud as they answer mistakes, played by `backlot` 0.1.0 (PyPI).

It does: reads of Slack's Web API and of Jira Cloud's REST v2 and v3 over a small corpus, with the
headers, pages and error answers measured against the real services, the removed `/search` with its
410 among them; refuses unknown tokens.
It does not: keep the blocks of a posted message; write to Jira; send anything. Its telemetry is
off here.
"""

import os
import socket
import subprocess
import sys
import tempfile

from tests.counterparts.process import Counterpart, CounterpartProcess

_QUIET = {"BACKLOT_TELEMETRY": "false", "DO_NOT_TRACK": "1"}


class BacklotCounterpart(Counterpart):
    """`slack_url` and `jira_url` are base URLs as settings want them; `token` opens both."""

    token = "counterpart-backlot-token"

    def __init__(self) -> None:
        self.url = ""
        self._folder = tempfile.TemporaryDirectory(prefix="backlot-")

    @property
    def slack_url(self) -> str:
        return f"{self.url}/slack/api/"

    @property
    def jira_url(self) -> str:
        return f"{self.url}/atlassian"

    def start(self) -> None:
        """Raises CounterpartFailed."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environment = _QUIET | {
            "BACKLOT_DATA_DIR": self._folder.name,
            "BACKLOT_ADMIN_TOKEN": self.token,
        }
        command = [sys.executable, "-m", "backlot"]
        subprocess.run(
            [*command, "import", "--bundled"],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        serve = ["serve", "--port", str(port), "--log-level", "warning", "--exit-on-stdin-close"]
        self.process = CounterpartProcess("backlot", [*command, *serve], **environment)
        self.process.wait_for(f"{self.url}/health")

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        super().__exit__(kind, *rest)
        self._folder.cleanup()
