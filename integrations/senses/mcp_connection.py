"""One conversation with one MCP server: connect, work, leave, all within one deadline.

Nothing is offered to the server: no sampling, no roots, no questions to people.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import httpx2
from mcp import Client, MCPError
from mcp.client import Transport
from mcp_types import Implementation, Tool
from pydantic import SecretStr, ValidationError

from mendwheel.domain.looking import McpServer
from mendwheel.integrations.senses.mcp_http import http
from mendwheel.integrations.senses.mcp_limit import Limit
from mendwheel.integrations.senses.mcp_stdio import stdio
from mendwheel.ports import SenseError
from mendwheel.tools.summary import printable

WITHIN = 15.0
"""Seconds for a whole conversation; ending a process takes up to two more."""
LARGEST = 8_000_000
"""Bytes of one message of a server."""
PAGES = 20

# It writes what it cannot parse into the log, and that may hold anything.
logging.getLogger("mcp.client").setLevel(logging.CRITICAL)

Result = TypeVar("Result")
Secrets = Mapping[str, SecretStr]


def converse(
    server: McpServer,
    secrets: Secrets,
    work: Callable[[Client], Awaitable[Result]],
    within: float = WITHIN,
) -> Result:
    """What `work` returns, in a loop of this thread's own. Raises SenseError."""
    limit = Limit(LARGEST)
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_within(server, secrets, limit, work, within))
    except Exception as error:  # whatever a server can cause: each becomes a line that names it
        raise _told(server, error, limit, within) from None
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        # Not asyncio.run: it would wait for a name look-up that hangs in a thread.
        loop.close()


async def list_tools(client: Client) -> list[Tool]:
    """Every tool that the server has now, never one that the client remembers."""
    found: list[Tool] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="bypass")
        found += page.tools
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


async def _within(
    server: McpServer,
    secrets: Secrets,
    limit: Limit,
    work: Callable[[Client], Awaitable[Result]],
    within: float,
) -> Result:
    async with asyncio.timeout(within):
        client = Client(
            _transport(server, secrets, limit, within),
            client_info=Implementation(name="mendwheel", version="1"),
            cache=None,
        )
        async with client:
            return await work(client)


def _transport(server: McpServer, secrets: Secrets, limit: Limit, within: float) -> Transport:
    if server.url:
        token = secrets[server.token].get_secret_value() if server.token else ""
        return http(server.url, token, limit, within)
    env = {name: secrets[secret].get_secret_value() for name, secret in server.env.items()}
    return stdio(server.command, server.args, env, limit)


def _told(server: McpServer, error: Exception, limit: Limit, within: float) -> SenseError:
    """One line. What the server itself says is not repeated beyond a short part."""
    name = f"mcp {server.name}"
    cause = _cause(error)
    if limit.exceeded:
        return SenseError(f"{name} said more than {LARGEST // 1_000_000} MB: drop the tool")
    match cause:
        case SenseError():
            return cause
        case TimeoutError():
            return SenseError(
                f"{name} did not answer within {within:g} s: see whether it is up", retryable=True
            )
        case FileNotFoundError() | PermissionError():
            return SenseError(f"{name}: {server.command} cannot be started: correct its command")
        case ValidationError():
            return SenseError(f"{name} answers otherwise than MCP says: update or drop it")
        case MCPError():
            said = " ".join(printable(str(cause)).split())[:150]
            return SenseError(f"{name} refuses or left ({said}): see its own log", retryable=True)
        case httpx2.HTTPError() | OSError():
            why = type(cause).__name__
            return SenseError(f"{name} cannot be reached ({why}): correct its url", retryable=True)
    return SenseError(f"{name} failed ({type(cause).__name__}): see its own log")


def _cause(error: BaseException) -> BaseException:
    """The first error within groups: the library works in task groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
