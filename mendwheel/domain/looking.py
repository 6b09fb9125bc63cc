"""What an operator lets us look at: addresses, databases, queries and tools, one table each."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from mendwheel.domain.remedy import Risk
from mendwheel.domain.statement import one_select
from mendwheel.domain.web import web_address

PLACEHOLDERS = ("component", "start", "end", "start_epoch", "end_epoch", "title", "tenant")
"""What the text of an argument may name in braces."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_NAME = r"^[a-z0-9_]{1,40}$"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Probe(_Table):
    """One address that tells whether a component answers."""

    component: str = Field(min_length=1, description="what answers there")
    url: str = Field(description="asked by GET; another host that it redirects to is not")
    status: int = Field(200, ge=100, le=599, description="status of a good answer")
    text: str = Field("", description="text that a good answer holds")
    slow_seconds: float = Field(3.0, gt=0, description="from when on an answer is late")
    token: str = Field("", description="name in `sense_secrets` of a bearer token to send")

    _url = field_validator("url")(lambda value: web_address(value))


class Database(_Table):
    """A SQLite file, opened so that nothing can be written, or a Postgres."""

    name: str = Field(pattern=_NAME, description="as queries call it")
    path: Path | None = Field(None, description="SQLite file; or else `postgres`")
    postgres: str = Field(
        "", description="name in `sense_secrets` of a connection string; needs mendwheel[postgres]"
    )

    @model_validator(mode="after")
    def _one_way(self) -> "Database":
        if bool(self.path) == bool(self.postgres):
            raise ValueError(f"database {self.name}: set either path or postgres")
        return self


class Query(_Table):
    """One SELECT with bound parameters."""

    name: str = Field(pattern=_NAME, description="stands in titles and errors")
    database: str = Field(description="name of one of `sql_databases`")
    statement: str = Field(
        description="one SELECT; binds :component, :start, :end, :start_epoch, :end_epoch, "
        ":subject (the reporter) and :tenant"
    )
    media: str = Field("rows", description="how investigators read it: rows, metrics or logs")
    rows: int = Field(200, ge=1, le=10_000, description="rows that are read at most")

    @field_validator("statement")
    @classmethod
    def _reads(cls, value: str) -> str:
        return one_select(value)


class McpRead(_Table):
    """One tool of an MCP server that reads, with the arguments it is called with."""

    tool: str = Field(min_length=1, description="name at the server")
    arguments: dict[str, Any] = Field(
        {}, description="texts may hold {component}, {start}, {end}, {title}, {tenant}"
    )
    media: str = Field("tool", description="how investigators read it: tool, metrics, logs …")
    pin: str = Field("", description="sha256:… of its description; another one is refused")

    @field_validator("arguments")
    @classmethod
    def _known(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in placeholders(value):
            if name not in PLACEHOLDERS:
                allowed = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                raise ValueError(f"{{{name}}} is not known; known: {allowed}")
        return value


class McpCheck(_Table):
    """A read of the same server that tells whether a write helped."""

    tool: str = Field(min_length=1, description="name at the server; it must stand in `reads`")
    arguments: dict[str, Any] = Field({}, description="texts may hold the write's {argument}s")
    contains: str = Field(min_length=1, description="what it answers where all is well")


class McpWrite(_Table):
    """One tool of an MCP server that may be proposed as a remedy; a person is always asked."""

    tool: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$", description="name at the server")
    pin: str = Field(
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="what `mendwheel mcp` prints for it; another description is refused",
    )
    risk: Risk = Field(Risk.HIGH, description="low, medium or high; high needs two people")
    sources: dict[str, str] = Field(
        {}, description="argument → `component` or `changes.FIELD`, for plans without a model"
    )
    check: McpCheck | None = Field(None, description="without one a person looks whether it helped")

    @field_validator("risk")
    @classmethod
    def _writes(cls, value: Risk) -> Risk:
        if value is Risk.READ:
            raise ValueError("a tool that reads belongs to `reads`")
        return value


class McpServer(_Table):
    """One MCP server. What is not in `reads` counts as a write that needs an approval."""

    name: str = Field(pattern=_NAME, description="stands in titles and errors")
    url: str = Field("", description="streamable HTTP; or else `command`")
    command: str = Field("", description="started here and spoken to over stdio")
    args: list[str] = Field([], description="arguments of the command")
    env: dict[str, str] = Field(
        {}, description="variable → name in `sense_secrets`; little else is handed on"
    )
    token: str = Field("", description="name in `sense_secrets` of a bearer token, for HTTP")
    reads: list[McpRead] = Field([], description="tools that only read")
    writes: list[McpWrite] = Field([], description="tools that may be proposed as remedies")
    high_risk: list[str] = Field([], description="tools that two people must approve")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return web_address(value) if value else value

    @model_validator(mode="after")
    def _one_way(self) -> "McpServer":
        if bool(self.url) == bool(self.command):
            raise ValueError(f"MCP server {self.name}: set either url or command")
        return self

    @model_validator(mode="after")
    def _reads_or_writes(self) -> "McpServer":
        reads, writes = {each.tool for each in self.reads}, [each.tool for each in self.writes]
        for write in self.writes:
            if write.tool in reads or writes.count(write.tool) > 1:
                raise ValueError(f"MCP server {self.name}: {write.tool} is listed twice")
            self.read_by(write)
        return self

    def read_by(self, write: McpWrite) -> McpRead | None:
        """The read that checks `write`, or None without a check.

        Raises ValueError: it is not listed, as where a server was copied past its validators.
        """
        if write.check is None:
            return None
        for read in self.reads:
            if read.tool == write.check.tool:
                return read
        raise ValueError(
            f"MCP server {self.name}: {write.check.tool} checks {write.tool}, "
            "but is not in reads: list it there"
        )


def placeholders(value: Any) -> set[str]:
    """Names in braces in any text within `value`."""
    if isinstance(value, str):
        return set(_PLACEHOLDER.findall(value))
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {name for each in value for name in placeholders(each)}
    return set()


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """`value` with every name in braces replaced by its word."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {key: filled(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, words) for each in value]
    return value
