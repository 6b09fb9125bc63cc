"""How a seed's two remedies are carried out: one way each, another pair in the next seed.

By the host's workflow, by its workflow in a namespace of its own, by an HTTP call, or by a tool of
an MCP server. All of them change the same platform.
"""

from collections.abc import Iterable

from lanternpost.host.remedies import REMEDIES

from mendwheel.domain.knowledge import Document
from mendwheel.domain.looking import McpCheck, McpRead, McpServer, McpWrite
from mendwheel.domain.remedy import Invocation, Risk
from mendwheel.integrations.senses.mcp_sense import McpSense
from mendwheel.tools.http_calls import HttpCall, HttpCheck, HttpLook
from mendwheel.tools.registry import RemedySpec

HOST, ELSEWHERE, HTTP, MCP = "host", "elsewhere", "http", "mcp"
WAYS = ((HOST, MCP), (HTTP, HOST), (MCP, ELSEWHERE), (HOST, HTTP))
"""Of a restart and of a roll-back, by turns."""

RESTART, ROLL_BACK = "restart_service", "roll_back_release"
NAMESPACE = "lanternpost"
SERVER = "platform"


def ways(seed: int) -> dict[str, str]:
    """Remedy → how it is carried out in `seed`."""
    return dict(zip((RESTART, ROLL_BACK), WAYS[seed % len(WAYS)], strict=True))


def tool(name: str, way: str) -> str:
    """What runbooks, policy and questions call the remedy."""
    return f"{SERVER}.{name}" if way == MCP else name


def specs(chosen: dict[str, str], origin: str) -> list[RemedySpec]:
    """What the host registers; `origin` is where its HTTP calls go. MCP's come from settings."""
    return [
        _over_http(spec, origin) if way == HTTP else _by_workflow(spec, way)
        for spec in REMEDIES
        if (way := chosen[spec.name]) != MCP
    ]


def _by_workflow(spec: RemedySpec, way: str) -> RemedySpec:
    if way == HOST:
        return spec
    assert isinstance(spec.workflow, Invocation)
    moved = spec.workflow.model_copy(update={"namespace": NAMESPACE})
    # Its undo would need the workflow of the same name here; nothing is undone in this world.
    return spec.model_copy(update={"workflow": moved, "undo": None})


def _over_http(spec: RemedySpec, origin: str) -> RemedySpec:
    call = HttpCall(
        url=f"{origin}/api/{spec.name}/{{service}}",
        look=HttpLook(url=f"{origin}/api/effects/{{key}}"),
    )
    green = HttpCheck(url=f"{origin}/api/healthy/{{service}}", field="healthy", equals=True)
    changed = {"workflow": None, "undo": None, "http": call, "check": green}
    return spec.model_copy(update=changed)


def named(documents: Iterable[Document], chosen: dict[str, str]) -> list[Document]:
    """Runbooks name each remedy as it is called here."""
    return [
        each.model_copy(update={"remedy": tool(each.remedy, chosen[each.remedy])})
        if each.remedy in chosen
        else each
        for each in documents
    ]


def server(chosen: dict[str, str], origin: str, straight: str) -> list[McpServer]:
    """The MCP server as an operator sets it up, who has read its descriptions at `straight`."""
    written = [spec for spec in REMEDIES if chosen[spec.name] == MCP]
    if not written:
        return []
    bare = McpServer(name=SERVER, url=f"{straight}/mcp")
    pins = {each.tool: each.pin for each in McpSense(bare, {}).tools()}
    check = McpCheck(tool="healthy", arguments={"service": "{service}"}, contains="is healthy")
    writes = [
        McpWrite(
            tool=spec.name,
            pin=pins[spec.name],
            risk=Risk.MEDIUM,
            sources=spec.sources,
            check=check,
        )
        for spec in written
    ]
    reads = [McpRead(tool="healthy", arguments={"service": "{component}"})]
    return [McpServer(name=SERVER, url=f"{origin}/mcp/mcp", reads=reads, writes=writes)]


def checks() -> list[str]:
    """Activities by which remedies that are no workflows are checked."""
    names = [tool(name, way) for way in (HTTP, MCP) for name in (RESTART, ROLL_BACK)]
    return [f"mendwheel.check.{name}" for name in names]
