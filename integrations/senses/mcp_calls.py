"""Calls the reads of one MCP server side by side, so that one that hangs costs only itself."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from mcp import Client, MCPError
from mcp_types import CONNECTION_CLOSED, PARSE_ERROR, CallToolResult, Tool

from mendwheel.domain.looking import McpRead, McpServer, filled
from mendwheel.domain.observation import Observation
from mendwheel.integrations.senses.mcp_connection import LARGEST, Secrets, converse, list_tools
from mendwheel.integrations.senses.mcp_tools import McpTool, allowed, described, pin, text_of
from mendwheel.ports import SenseError
from mendwheel.tools.summary import printable

CALL_WITHIN = 10.0
"""Seconds for one tool."""
SIZE = f"{LARGEST // 1_000_000} MB"

Called = Observation | SenseError


def call(
    server: McpServer,
    secrets: Secrets,
    reads: Sequence[McpRead],
    words: Mapping[str, str],
    seen: dict[str, str],
) -> list[Called]:
    """What each read returned, in order. `seen` (tool → pin) grows by those called first now.

    Raises:
        SenseError: the server as a whole could not be spoken to.
    """

    async def work(client: Client) -> list[Called]:
        tools = {tool.name: tool for tool in await list_tools(client)}
        calls = (_one(client, server, read, tools, words, seen) for read in reads)
        return list(await asyncio.gather(*calls))

    return converse(server, secrets, work)


def describe(server: McpServer, secrets: Secrets) -> list[McpTool]:
    """Every tool the server has. Raises SenseError."""

    async def work(client: Client) -> list[McpTool]:
        return [described(tool, server) for tool in await list_tools(client)]

    return converse(server, secrets, work)


async def _one(
    client: Client,
    server: McpServer,
    read: McpRead,
    tools: Mapping[str, Tool],
    words: Mapping[str, str],
    seen: dict[str, str],
) -> Called:
    name = f"mcp {server.name}: {read.tool}"
    try:
        tool = allowed(read, server, tools, seen)
        seen.setdefault(read.tool, pin(tool))
        result = await _result(client, read.tool, filled(read.arguments, words))
        text = text_of(result, name)
    except SenseError as error:
        return error
    except TimeoutError:
        late = f"{name} did not answer within {CALL_WITHIN:g} s, or with more than {SIZE}"
        return SenseError(f"{late}: ask it for less, or see its server", retryable=True)
    except MCPError as error:
        if error.code == CONNECTION_CLOSED:  # it is the server that left, not the tool
            raise
        if error.code == PARSE_ERROR:
            return SenseError(f"{name} answered with more than {SIZE}, or not in JSON: drop it")
        said = " ".join(printable(str(error)).split())[:150]
        return SenseError(f"{name} was refused ({said}): correct its arguments")
    except (ValueError, RuntimeError):  # what it returned is checked by pydantic and by its schema
        return SenseError(f"{name} returned another type than it says: update its server")
    return Observation(title=f"{server.name} {read.tool}", media=read.media, text=text)


async def _result(client: Client, tool: str, arguments: dict[str, Any]) -> CallToolResult:
    async with asyncio.timeout(CALL_WITHIN):
        return await client.call_tool(tool, arguments)
