"""One call of one tool that writes. What was sent and not answered is said to be unknown."""

import asyncio
from collections.abc import Mapping
from typing import Any

from mcp import Client
from mcp_types import CallToolResult
from pydantic import SecretStr

from mendwheel.domain.looking import McpServer, McpWrite
from mendwheel.integrations.senses.mcp_connection import converse, list_tools
from mendwheel.integrations.senses.mcp_tools import described, held_to_pin, text_of
from mendwheel.ports import SenseError
from mendwheel.tools.foreign import Failed, NotWritten, OutcomeUnknown

CALL_WITHIN = 30.0
"""Seconds for the tool's answer."""
WITHIN = 45.0
"""Seconds for the whole conversation; the activity around it has 60."""


def write_once(
    server: McpServer,
    secrets: Mapping[str, SecretStr],
    write: McpWrite,
    arguments: dict[str, Any],
) -> str:
    """What the tool answered.

    Raises:
        NotWritten, Failed, OutcomeUnknown
    """
    name = f"mcp {server.name}: {write.tool}"
    sent = False

    async def work(client: Client) -> CallToolResult:
        nonlocal sent
        tools = {tool.name: described(tool, server) for tool in await list_tools(client)}
        held_to_pin(write, tools)
        sent = True
        async with asyncio.timeout(CALL_WITHIN):
            # Not the client's own call_tool: that one may send a call a second time.
            return await client.session.call_tool(write.tool, arguments)

    try:
        result = converse(server, secrets, work, WITHIN)
    except SenseError as error:
        if not sent:
            raise NotWritten(str(error)) from None
        raise OutcomeUnknown(
            f"{name} was called, and its answer was lost ({error}): look before you repeat it"
        ) from None
    try:
        return text_of(result, name)
    except SenseError as error:
        raise Failed(str(error)) from None
