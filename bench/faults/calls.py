"""What a request to Slack or Jira is: a read or a write, of which kind, about which effect."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from bench.faults.ways import RESTART, ROLL_BACK
from mendwheel.integrations.jira.marker import marked
from mendwheel.integrations.jira.reading import body_text

_COMMENT = re.compile(r"issue/(?P<key>[^/]+)/comment(?:/(?P<id>[^/]+))?$")
_ISSUE = re.compile(r"issue/(?P<key>[^/]+)(?:/(?P<what>[^/?]+))?")
_TOOLS = (RESTART, ROLL_BACK)
_SLACK_WRITES = ("chat.postMessage", "chat.update", "chat.postEphemeral", "views.")


@dataclass(frozen=True)
class Call:
    """`where`: channel or issue. `key`: the effect it says it is, or else what it writes to."""

    name: str
    where: str
    key: str
    writes: bool
    view: dict[str, Any] = field(default_factory=dict, compare=False)
    """A dialog that is opened."""

    @property
    def kind(self) -> str:
        if self.name == "talk":
            return "talk"
        return "write" if self.writes else "read"

    @property
    def ticket(self) -> str:
        return self.key.split("/", 1)[0]


def of_slack(path: str, body: bytes, content_type: str) -> Call:
    method = path.rsplit("/", 1)[-1]
    said = _read(body, content_type)
    metadata = said.get("metadata") or {}
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    key = str((payload or {}).get("key") or said.get("ts") or "")
    view = said.get("view") or {}
    view = json.loads(view) if isinstance(view, str) else view
    return Call(method, str(said.get("channel", "")), key, method.startswith(_SLACK_WRITES), view)


def of_jira(verb: str, path: str, body: bytes) -> Call:
    found = _COMMENT.search(path)
    if found:
        if verb == "GET":
            return Call("comment.read", found["key"], "", False)
        mark = marked(body_text(json.loads(body).get("body")), None)
        name = "comment.edit" if found["id"] else "comment.create"
        return Call(name, found["key"], mark.key if mark else found["key"], True)
    issue = _ISSUE.search(path)
    where, what = (issue["key"], issue["what"] or "issue") if issue else ("", path)
    if verb == "GET" or what == "search":
        return Call(f"{what}.read", where, "", False)
    if what == "transitions":
        return Call("transition", where, f"transition of {where}", True)
    return Call(what, where, f"{what} of {where}", True)


def of_call(body: bytes) -> Call:
    said = json.loads(body)
    return Call("call", "on-call", str(said.get("dedup_key", "")), True)


def of_remedy(verb: str, path: str) -> Call:
    """A remedy over HTTP, a look for it or a check of it."""
    return Call("http", path, path, verb == "POST")


def of_tool(body: bytes) -> Call:
    """What is said to an MCP server. Only its writes fail: without its list nothing is offered."""
    said = json.loads(body or b"{}")
    asked = said.get("params") or {}
    if said.get("method") == "tools/call" and asked.get("name") in _TOOLS:
        about = json.dumps(asked.get("arguments"), sort_keys=True)
        return Call("tool", str(asked["name"]), about, True)
    return Call("talk", "mcp", "", False)


def of_model(body: bytes) -> Call:
    return Call("model", "model", "", False)


def _read(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type.startswith("application/json"):
        read = json.loads(body or b"{}")
        return read if isinstance(read, dict) else {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
