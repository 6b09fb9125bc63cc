"""How much an MCP server may say at once: a tool that returns 50 MB is not read to its end."""

from dataclasses import dataclass


@dataclass
class Limit:
    """`bytes` of one message; `exceeded` once a longer one was left out."""

    bytes: int
    exceeded: bool = False
