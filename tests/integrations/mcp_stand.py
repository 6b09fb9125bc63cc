"""A real MCP server with good tools and bad ones: run it, over stdio or with `http PORT`."""

import asyncio
import os
import sys

from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, ImageContent, TextContent, ToolAnnotations

server = MCPServer("stand")


@server.tool(description="Releases of a service.")
def releases(service: str, since: str = "") -> str:
    return f"{service} since {since or 'ever'}: 41, 42"


@server.tool()
def environment() -> str:
    return ",".join(sorted(os.environ)) + "\ntoken=" + os.environ.get("STAND_TOKEN", "")


@server.tool()
async def hangs() -> str:
    await asyncio.sleep(600)
    return "never"


@server.tool()
def raises() -> str:
    raise LookupError("no such\ntenant")


@server.tool()
def huge(megabytes: int) -> str:
    return "x" * (megabytes * 1_000_000)


@server.tool(structured_output=False)
def picture() -> CallToolResult:
    image = ImageContent(type="image", data="aGk=", mime_type="image/png")
    return CallToolResult(content=[image, TextContent(type="text", text="a graph")])


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def restart(service: str) -> str:
    return f"restarted {service}"


@server.tool(annotations=ToolAnnotations(destructive_hint=True))
def purge(service: str) -> str:
    return f"purged {service}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["http"]:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[2]))
    else:
        server.run()
