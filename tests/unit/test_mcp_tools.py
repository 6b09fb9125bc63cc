"""What a tool of an MCP server counts as, and what reaches it of a ticket."""

from typing import Any

import pytest
from mcp_types import Tool, ToolAnnotations
from pydantic import ValidationError

from mendwheel.domain.looking import McpCheck, McpRead, McpServer, McpWrite
from mendwheel.domain.remedy import Risk
from mendwheel.integrations.senses.mcp_sense import words_of
from mendwheel.integrations.senses.mcp_tools import pin, risk_of
from mendwheel.integrations.senses.mcp_writes import McpWrites
from tests.integrations.sense_site import WINDOW, ticket

PIN = "sha256:" + "0" * 64


def test_a_write_is_of_high_risk_unless_the_operator_says_otherwise() -> None:
    server = McpServer(name="s", command="x", writes=[McpWrite(tool="t", pin=PIN)])
    assert risk_of(Tool(name="t", input_schema={}), server) is Risk.HIGH


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"pin": ""}, "pattern"),
        ({"risk": "read"}, "belongs to `reads`"),
        ({"tool": "read"}, "read is listed twice"),
        ({"check": McpCheck(tool="other", contains="x")}, "but is not in reads"),
    ],
)
def test_a_write_that_nobody_could_mean_is_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        McpServer(
            name="s",
            command="x",
            reads=[McpRead(tool="read")],
            writes=[McpWrite(**{"tool": "t", "pin": PIN} | fields)],
        )


def test_a_check_that_is_no_read_is_told_before_anything_is_written() -> None:
    """Also where settings were made past their validators."""
    write = McpWrite(tool="t", pin=PIN, check=McpCheck(tool="gone", contains="x"))
    server = McpServer(name="s", command="x").model_copy(update={"writes": [write]})
    with pytest.raises(ValueError, match="gone checks t, but is not in reads: list it there"):
        McpWrites([server], {}, "workflow", "queue")


def test_a_title_cannot_leave_the_quotes_of_a_query() -> None:
    words = words_of(ticket(title='a"} or 1; `rm` $(x)\nb'), None, WINDOW)
    assert words["title"] == "a or 1 rm x b"


@pytest.mark.parametrize(
    ("listed", "hints", "risk"),
    [
        ("nowhere", None, Risk.HIGH),
        ("nowhere", ToolAnnotations(read_only_hint=True), Risk.HIGH),
        ("reads", None, Risk.READ),
        ("reads", ToolAnnotations(read_only_hint=True), Risk.READ),
        ("reads", ToolAnnotations(read_only_hint=False), Risk.MEDIUM),
        ("reads", ToolAnnotations(destructive_hint=True), Risk.HIGH),
        ("writes", None, Risk.LOW),
        ("writes", ToolAnnotations(read_only_hint=True), Risk.LOW),
        ("writes", ToolAnnotations(destructive_hint=False), Risk.LOW),
        ("writes", ToolAnnotations(read_only_hint=False), Risk.MEDIUM),
        ("writes", ToolAnnotations(destructive_hint=True), Risk.HIGH),
    ],
)
def test_hints_of_a_server_raise_the_risk_and_never_lower_it(
    listed: str, hints: ToolAnnotations | None, risk: Risk
) -> None:
    reads = [McpRead(tool="t")] if listed == "reads" else []
    writes = [McpWrite(tool="t", pin=PIN, risk=Risk.LOW)] if listed == "writes" else []
    server = McpServer(name="s", command="x", reads=reads, writes=writes)
    assert risk_of(Tool(name="t", input_schema={}, annotations=hints), server) is risk


def test_a_pin_sees_name_description_and_arguments() -> None:
    tool = Tool(name="t", description="d", input_schema={"type": "object"})
    changes = [{"name": "u"}, {"description": "e"}, {"input_schema": {}}, {"title": "x"}]
    pins = {pin(tool.model_copy(update=change)) for change in changes}
    assert len(pins | {pin(tool)}) == 5
    assert pin(tool) == pin(tool.model_copy(deep=True))
