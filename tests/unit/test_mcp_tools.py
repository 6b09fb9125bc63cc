"""What a tool of an MCP server counts as, and what reaches it of a ticket."""

import pytest
from mcp_types import Tool, ToolAnnotations

from mendwheel.domain.looking import McpRead, McpServer
from mendwheel.domain.remedy import Risk
from mendwheel.integrations.senses.mcp_sense import words_of
from mendwheel.integrations.senses.mcp_tools import pin, risk_of
from tests.integrations.sense_site import WINDOW, ticket


def test_a_title_cannot_leave_the_quotes_of_a_query() -> None:
    words = words_of(ticket(title='a"} or 1; `rm` $(x)\nb'), None, WINDOW)
    assert words["title"] == "a or 1 rm x b"


@pytest.mark.parametrize(
    ("listed", "hints", "risk"),
    [
        (False, None, Risk.MEDIUM),
        (False, ToolAnnotations(read_only_hint=True), Risk.MEDIUM),
        (False, ToolAnnotations(destructive_hint=False), Risk.MEDIUM),
        (False, ToolAnnotations(destructive_hint=True), Risk.HIGH),
        (True, None, Risk.READ),
        (True, ToolAnnotations(read_only_hint=True), Risk.READ),
        (True, ToolAnnotations(read_only_hint=False), Risk.MEDIUM),
        (True, ToolAnnotations(destructive_hint=True), Risk.HIGH),
    ],
)
def test_hints_of_a_server_raise_the_risk_and_never_lower_it(
    listed: bool, hints: ToolAnnotations | None, risk: Risk
) -> None:
    reads = [McpRead(tool="t")] if listed else []
    server = McpServer(name="s", command="x", reads=reads)
    assert risk_of(Tool(name="t", input_schema={}, annotations=hints), server) is risk


def test_a_pin_sees_name_description_and_arguments() -> None:
    tool = Tool(name="t", description="d", input_schema={"type": "object"})
    changes = [{"name": "u"}, {"description": "e"}, {"input_schema": {}}, {"title": "x"}]
    pins = {pin(tool.model_copy(update=change)) for change in changes}
    assert len(pins | {pin(tool)}) == 5
    assert pin(tool) == pin(tool.model_copy(deep=True))
