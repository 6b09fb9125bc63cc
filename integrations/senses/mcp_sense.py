"""The tools of an MCP server that the operator lists as reads, called for each ticket."""

import re
from collections.abc import Mapping
from datetime import UTC
from importlib.util import find_spec

from pydantic import SecretStr

from mendwheel.domain.looking import McpRead, McpServer, placeholders
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.mcp_tools import McpTool
from mendwheel.ports import SenseError

_TIMES = frozenset({"start", "end", "start_epoch", "end_epoch"})
_COMPONENT = re.compile(r"[\w.:/@-]{1,200}")
_QUOTES = re.compile(r"[\x00-\x1f\x7f\"'`\\{}\[\]()|;$<>]+")


class McpSense:
    """One server. Remembers what its tools said of themselves when they were first called."""

    def __init__(self, server: McpServer, secrets: Mapping[str, SecretStr]) -> None:
        self.name = f"mcp {server.name}"
        self._server = server
        self._secrets = secrets
        self._seen: dict[str, str] = {}

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """One observation a read; one that needs a component is left out without one."""
        words = words_of(ticket, component, window)
        known = words.keys()
        reads = [read for read in self._server.reads if placeholders(read.arguments) <= known]
        if not reads:
            return []
        installed()
        from mendwheel.integrations.senses.mcp_calls import call

        found = call(self._server, self._secrets, reads, words, self._seen)
        seen = [
            each.model_copy(update={"window": _asked_of(read, window)})
            for read, each in zip(reads, found, strict=True)
            if isinstance(each, Observation)
        ]
        failed = [str(each) for each in found if isinstance(each, SenseError)]
        if failed and not seen:
            raise SenseError("; ".join(failed)[:500])
        if failed:
            told = "\n".join(failed)
            seen.append(Observation(title=f"{self.name} failed", media="missing", text=told))
        return seen

    def read(self) -> str:
        """What the reads answer, called with their arguments as they stand. Raises SenseError."""
        installed()
        from mendwheel.integrations.senses.mcp_calls import call

        texts = []
        for found in call(self._server, self._secrets, self._server.reads, {}, self._seen):
            if isinstance(found, SenseError):
                raise found
            texts.append(found.text)
        return "\n".join(texts)

    def tools(self) -> list[McpTool]:
        """Everything the server has, with risk and pin: for people and for remedies.

        Raises:
            SenseError
        """
        installed()
        from mendwheel.integrations.senses.mcp_calls import describe

        return describe(self._server, self._secrets)


def _asked_of(read: McpRead, window: Window) -> Window | None:
    """The window where the read's arguments name it; what is there now otherwise."""
    return window if _TIMES & placeholders(read.arguments) else None


def words_of(ticket: Ticket, component: str | None, window: Window) -> dict[str, str]:
    """What stands for the names in braces. Whatever a reporter wrote cannot leave its quotes."""
    start, end = window.start.astimezone(UTC), window.end.astimezone(UTC)
    words = {
        "start": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "start_epoch": str(int(start.timestamp())),
        "end_epoch": str(int(end.timestamp())),
        "title": " ".join(_QUOTES.sub(" ", ticket.title).split())[:120],
        "tenant": ticket.tenant,
    }
    if component and _COMPONENT.fullmatch(component):
        words["component"] = component
    return words


def installed() -> None:
    """Raises SenseError: the client's package is not there."""
    if find_spec("mcp") is None:
        raise SenseError("the package for MCP is missing: pip install 'mendwheel[mcp]'")
