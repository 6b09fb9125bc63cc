"""Writes `docs/reference/settings.md` from the settings themselves, so that it cannot go stale.

`python -m mendwheel.cli.settings_reference > docs/reference/settings.md`
"""

import sys
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mendwheel.cli.init import toml
from mendwheel.cli.settings_groups import GROUPS, secret
from mendwheel.domain.looking import Database, McpCheck, McpRead, McpServer, McpWrite, Probe, Query
from mendwheel.domain.place import PlaceRule
from mendwheel.settings import Settings

_HEAD = """\
# Settings

From the environment (`MENDWHEEL_` and the name in capitals; nested names with two underscores, as
in `MENDWHEEL_THRESHOLDS__ANSWER`; lists and tables as JSON) or from `mendwheel.toml` in the working
directory, or the file that `MENDWHEEL_SETTINGS` names. The environment wins. An unknown name or a
wrong type is refused, with the nearest known name. `mendwheel init` writes a file to edit,
`mendwheel doctor` shows what is in force. Secrets are marked †: give them by the environment.

This page is written by `python -m mendwheel.cli.settings_reference > docs/reference/settings.md`.
"""
_TABLES: dict[str, type[BaseModel]] = {
    "places": PlaceRule,
    "probes": Probe,
    "sql_databases": Database,
    "sql_queries": Query,
    "mcp_servers": McpServer,
    "mcp_servers.reads": McpRead,
    "mcp_servers.writes": McpWrite,
    "mcp_servers.writes.check": McpCheck,
}
_TABLE = ["| name | default | meaning |", "| --- | --- | --- |"]


def markdown() -> str:
    """The whole page."""
    lines = [_HEAD.rstrip()]
    for group in GROUPS:
        lines += ["", f"## {group.title}", "", group.about, "", *_TABLE]
        for name in group.names:
            lines += _rows(name, Settings.model_fields[name])
    for setting, model in _TABLES.items():
        lines += ["", f"Each of `{setting}` is a table of its own, `[[{setting}]]`:", "", *_TABLE]
        for name, field in model.model_fields.items():
            lines += [f"| `{name}` | {_default(name, field)} | {_meaning(field)} |"]
    return "\n".join(lines) + "\n"


def _rows(name: str, field: FieldInfo) -> Iterator[str]:
    if isinstance(field.default, BaseModel):
        for key, value in field.default:
            yield f"| `{name}.{key}` | `{toml(value)}` | {_meaning(field)} |"
        return
    mark = " †" if secret(field) else ""
    yield f"| `{name}`{mark} | {_default(name, field)} | {_meaning(field)} |"


def _default(name: str, field: FieldInfo) -> str:
    if name == "user":
        return "login name"
    if field.default is PydanticUndefined:
        return "required"
    return "none" if field.default in (None, "") else f"`{toml(field.default)}`"


def _meaning(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(markdown())
