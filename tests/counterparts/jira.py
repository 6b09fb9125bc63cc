"""Jira Data Center 8.20, played by `jira820` 0.12.0 (PyPI).

It does, with state: issues, comments, labels (set), transitions, remote links, a subset of JQL,
all over REST v2.
It does not: v3 and ADF, webhooks, properties of comments and issues, reading one comment, adding a
label (`update.labels.add` is ignored), refusing bad JQL (it finds everything) or a bad token. The
changelog names `admin` whoever acted, and issues change at 09:00, always. To be done an issue
needs a resolution.
Ours on top: the user who acts is the one whose token asks (`jira_serve.py`), because jira820 knows
one user only, and a bot that ignores its own comments would ignore all others too.
"""

import sys
from pathlib import Path
from typing import Any, ClassVar

from tests.counterparts.process import Counterpart, CounterpartFailed, CounterpartProcess, fetch

PROJECT = "LP"
USERS = ("mendwheel", "mara", "tomas", "ada")


class JiraCounterpart(Counterpart):
    """One site with the empty project `LP`.

    `url`: what `jira_base_url` is set to, with `jira_deployment` datacenter and `token` as
    `jira_token`. `tokens`: name → token of a person.
    """

    project = PROJECT
    user = USERS[0]
    tokens: ClassVar = {name: f"pat-{name}" for name in USERS}
    token = tokens[user]
    webhook_secret = "counterpart-webhook-secret-0123456789"

    def __init__(self) -> None:
        self.url = ""

    def start(self) -> None:
        """Raises CounterpartFailed."""
        script = Path(__file__).with_name("jira_serve.py")
        self.process = CounterpartProcess(
            "jira", [sys.executable, "-P", str(script), PROJECT, *USERS]
        )
        self.url = f"http://127.0.0.1:{int(self.process.first_line())}"
        self.process.wait_for(f"{self.url}/rest/api/2/serverInfo")

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, token: str = ""
    ) -> Any:
        """One call to `/rest/api/2/PATH`, as the bot by default. Raises CounterpartFailed."""
        address = f"{self.url}/rest/api/2/{path}"
        status, answer = fetch(address, body, method, token or self.token)
        if status >= 300:
            raise CounterpartFailed(f"Jira's {method} {path} answered {status}: {answer}")
        return answer

    def create(
        self,
        summary: str,
        description: str | None,
        reporter: str = "mara",
        component: str | None = None,
    ) -> str:
        """Key of a new issue."""
        fields = {
            "project": {"key": PROJECT},
            "issuetype": {"name": "Bug"},
            "summary": summary,
            "description": description,
            "reporter": {"name": reporter},
            "components": [{"name": component}] if component else [],
        }
        made = self.call("POST", "issue", {"fields": fields}, self.tokens[reporter])
        return str(made["key"])

    def comment(self, key: str, text: str, author: str) -> str:
        """Id of a new comment by `author`."""
        token = self.tokens[author]
        return str(self.call("POST", f"issue/{key}/comment", {"body": text}, token)["id"])

    def comments(self, key: str) -> list[dict[str, Any]]:
        """Oldest first."""
        found = self.call("GET", f"issue/{key}/comment?maxResults=1000")["comments"]
        return sorted(found, key=lambda comment: int(comment["id"]))

    def issue(self, key: str) -> dict[str, Any]:
        return dict(self.call("GET", f"issue/{key}?expand=changelog"))
