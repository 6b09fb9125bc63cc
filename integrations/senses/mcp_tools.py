"""What a tool of an MCP server counts as, and how to see that it is still the same one.

A server describes its own tools, so its words may make us more careful and never less: what reads
is said by the operator alone.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from mendwheel.agents.agent import ToolCard
from mendwheel.domain.looking import McpRead, McpServer, McpWrite
from mendwheel.domain.remedy import Risk
from mendwheel.ports import SenseError
from mendwheel.tools.summary import printable

if TYPE_CHECKING:
    from mcp_types import CallToolResult, Tool

_ORDER = (Risk.READ, Risk.LOW, Risk.MEDIUM, Risk.HIGH)


class McpTool(BaseModel):
    """A tool as a remedy would need it: name, JSON schema of arguments, risk, and its pin."""

    server: str
    tool: str
    card: ToolCard
    pin: str


def risk_of(tool: "Tool", server: McpServer) -> Risk:
    """READ only where the settings list it; else a write, HIGH unless they say otherwise."""
    risk = _said(tool.name, server)
    if tool.name in server.high_risk:
        risk = Risk.HIGH
    hints = tool.annotations
    if hints is None or hints.read_only_hint:
        return risk
    if hints.destructive_hint:
        return Risk.HIGH
    return _worse(risk, Risk.MEDIUM) if hints.read_only_hint is False else risk


def pin(tool: "Tool") -> str:
    """`sha256:…` of what people read before they allow it: name, description and arguments."""
    said = [tool.name, tool.title, tool.description, tool.input_schema]
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def described(tool: "Tool", server: McpServer) -> McpTool:
    """What people and planners are shown of it."""
    text = " ".join(printable(tool.description or tool.title or tool.name).split())
    card = ToolCard(
        name=f"{server.name}.{tool.name}",
        description=text[:500],
        risk=risk_of(tool, server),
        schema_=tool.input_schema,
    )
    return McpTool(server=server.name, tool=tool.name, card=card, pin=pin(tool))


def allowed(
    read: McpRead, server: McpServer, tools: Mapping[str, "Tool"], seen: Mapping[str, str]
) -> "Tool":
    """The tool, if it may be called as a read. `seen`: tool → pin of an earlier look.

    Raises:
        SenseError: it is not there, is another one than was pinned, or says itself that it writes.
    """
    name = f"mcp {server.name}: {read.tool}"
    tool = tools.get(read.tool)
    if tool is None:
        known = ", ".join(sorted(tools))[:200] or "none"
        raise SenseError(f"{name} is not there: correct reads; it has {known}")
    now, then = pin(tool), read.pin or seen.get(read.tool)
    if then and now != then:
        raise SenseError(
            f"{name} now describes itself otherwise and is not called: read what it says, then "
            f'set pin = "{now}", or restart where no pin is set'
        )
    if (risk := risk_of(tool, server)) is not Risk.READ:
        raise SenseError(f"{name} says itself that it writes ({risk} risk): take it out of reads")
    return tool


def held_to_pin(write: McpWrite, tools: Mapping[str, McpTool]) -> McpTool:
    """The tool, if it is still what a person has read.

    Raises:
        SenseError: it is not there, or another one than was pinned.
    """
    tool = tools.get(write.tool)
    if tool is None:
        known = ", ".join(sorted(tools))[:200] or "none"
        raise SenseError(f"{write.tool} is not there: correct writes; it has {known}")
    if tool.pin != write.pin:
        raise SenseError(
            f"{write.tool} describes itself otherwise than when it was pinned: read what it says, "
            f'then set pin = "{tool.pin}"'
        )
    return tool


def text_of(result: "CallToolResult", name: str) -> str:
    """Its texts; without any its structured content; of pictures and the like only what they are.

    Raises:
        SenseError: the tool says that it failed.
    """
    lines = [_block(block) for block in result.content]
    text = "\n".join(lines)
    if result.is_error:
        said = " ".join(printable(text).split())[:200]
        raise SenseError(f"{name} failed ({said or 'it does not say why'}): see its server")
    if not text.strip() and result.structured_content is not None:
        text = json.dumps(result.structured_content, indent=1, default=str)
    return text


def _block(block: Any) -> str:
    if block.type == "text":
        return str(block.text)
    resource = getattr(block, "resource", None)
    if resource is not None and isinstance(getattr(resource, "text", None), str):
        return str(resource.text)
    kind = getattr(block, "mime_type", None) or block.type
    return f"[{kind}, not shown]"


def _said(name: str, server: McpServer) -> Risk:
    if any(read.tool == name for read in server.reads):
        return Risk.READ
    return next((write.risk for write in server.writes if write.tool == name), Risk.HIGH)


def _worse(one: Risk, other: Risk) -> Risk:
    return max(one, other, key=_ORDER.index)
