"""The tools of MCP servers that the operator lists as writes: as remedies, and called once each.

A server describes its own tools. What is proposed and called is what a person has read: the
description is held to the pin in the settings when the worker starts and again before each call.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from mendwheel.contracts.writing import CHECK
from mendwheel.domain.looking import McpServer, McpWrite, filled
from mendwheel.domain.remedy import Check, CheckResult, Invocation
from mendwheel.integrations.senses.mcp_sense import McpSense, installed
from mendwheel.integrations.senses.mcp_tools import McpTool, held_to_pin
from mendwheel.ports import SenseError
from mendwheel.tools.foreign import NotWritten
from mendwheel.tools.registry import RemedySpec
from mendwheel.tools.schema import schema_model

_CHECK_SECONDS = 25.0
_DETAIL = 300


class McpWrites:
    """Building it opens nothing. `workflow` is the type that calls a tool, on `queue`.

    Raises ValueError: a check is not among its server's reads.
    """

    def __init__(
        self,
        servers: Sequence[McpServer],
        secrets: Mapping[str, SecretStr],
        workflow: str,
        queue: str,
    ) -> None:
        self._secrets = secrets
        self._run = Invocation(name=workflow, task_queue=queue)
        self._queue = queue
        self._writes = {
            f"{server.name}.{write.tool}": (server, write)
            for server in servers
            for write in server.writes
        }
        # Looked up now: when a remedy has run it is too late to learn that its check is not there.
        self._reads = {
            name: server.read_by(write) for name, (server, write) in self._writes.items()
        }
        self._away: set[str] = set()

    @property
    def away(self) -> list[str]:
        """The servers that could not be asked when they were asked last."""
        return sorted(self._away)

    def names(self) -> list[str]:
        return list(self._writes)

    def checked(self) -> list[str]:
        """Those that have a check."""
        return [name for name, (_, write) in self._writes.items() if write.check]

    def sources(self) -> dict[str, dict[str, str]]:
        """Where a planner without a model takes the arguments of each from."""
        return {name: write.sources for name, (_, write) in self._writes.items()}

    def specs(
        self, tell: Callable[[str], None], only: Collection[str] | None = None
    ) -> list[RemedySpec]:
        """Those whose server is there and describes them as when they were pinned.

        Asks the servers, or `only` those. `tell` gets a line about each that is left out.
        """
        found: dict[str, RemedySpec] = {}
        for server in {server.name: server for server, _ in self._writes.values()}.values():
            if only is not None and server.name not in only:
                continue
            try:
                tools = McpSense(server, self._secrets).tools()
            except SenseError as error:
                self._away.add(server.name)
                tell(f"{error}; its writes are not offered until it answers")
                continue
            self._away.discard(server.name)
            for write in server.writes:
                try:
                    spec = self._spec(server, write, {each.tool: each for each in tools})
                except (SenseError, ValueError) as error:
                    tell(f"mcp {server.name}: {write.tool} is not offered: {error}")
                    continue
                found[spec.name] = spec
        return list(found.values())

    def write(self, name: str, arguments: dict[str, Any]) -> str:
        server, write = self._known(name)
        try:
            installed()
        except SenseError as error:
            raise NotWritten(str(error)) from None
        from mendwheel.integrations.senses.mcp_write_call import write_once

        return write_once(server, self._secrets, write, arguments)

    def check(self, name: str, arguments: dict[str, Any]) -> CheckResult:
        server, write = self._known(name)
        read = self._reads[name]
        if write.check is None or read is None:
            return CheckResult(ok=False, detail=f"no check is set for {name}")
        words = {key: str(value) for key, value in arguments.items()}
        read = read.model_copy(update={"arguments": filled(write.check.arguments, words)})
        alone = server.model_copy(update={"reads": [read]})
        try:
            text = McpSense(alone, self._secrets).read()
        except SenseError as error:
            return CheckResult(ok=False, detail=str(error)[:_DETAIL])
        short = " ".join(text.split())[:_DETAIL]
        return CheckResult(ok=write.check.contains in text, detail=short)

    def _known(self, name: str) -> tuple[McpServer, McpWrite]:
        if name not in self._writes:
            raise NotWritten(f"{name} is not listed in the settings any more")
        return self._writes[name]

    def _spec(self, server: McpServer, write: McpWrite, tools: Mapping[str, McpTool]) -> RemedySpec:
        tool = held_to_pin(write, tools)
        name = f"{server.name}.{write.tool}"
        check = Invocation(
            name=f"{CHECK}.{name}", task_queue=self._queue, timeout_seconds=_CHECK_SECONDS
        )
        return RemedySpec(
            name=name,
            description=tool.card.description,
            arguments=schema_model("Arguments", tool.card.schema_),
            risk=tool.card.risk,
            workflow=self._run,
            check=Check(activity=check) if write.check else None,
            sources=write.sources,
            component_argument=next(
                (each for each, source in write.sources.items() if source == "component"), "service"
            ),
            always_asked=True,
        )
