"""`mendwheel mcp SERVER`: what an MCP server offers, and what each tool counts as with us."""

from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError
from mendwheel.cli.terminal import document, line, say, spinner

if TYPE_CHECKING:
    from mendwheel.integrations.senses.mcp_tools import McpTool

_EXAMPLE = "Example: `mendwheel mcp grafana`, then list under `reads` what may be called unasked."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(mcp)


def mcp(
    server: Annotated[str, typer.Argument(help="Name of one of `mcp_servers`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the tools of an MCP server with their risk and the pin to set.

    Starts the server, or connects to it, and asks for its list of tools. Calls none of them.
    """
    found = _tools(server)
    if as_json:
        document({"server": server, "tools": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        say(f"{each.tool}  {each.card.risk}", style="bold")
        say(f"      {line(each.card.description)}")
        arguments = ", ".join(each.card.schema_.get("properties", {})) or "none"
        say(f"      arguments: {line(arguments)}")
        say(f'      pin = "{each.pin}"')


def _tools(name: str) -> "list[McpTool]":
    from mendwheel.cli import configured
    from mendwheel.integrations.senses.mcp_sense import McpSense
    from mendwheel.ports import SenseError

    settings = configured.load()
    chosen = next((each for each in settings.mcp_servers if each.name == name), None)
    if chosen is None:
        known = ", ".join(each.name for each in settings.mcp_servers) or "none"
        raise CommandError(f"no MCP server {name!r} in the settings: known: {known}")
    try:
        with spinner(f"asking {name}"):
            return McpSense(chosen, settings.sense_secrets).tools()
    except SenseError as error:
        raise CommandError(str(error)) from None
