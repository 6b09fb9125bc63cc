"""What a request to Slack or Jira is: a read or a write, of which kind, about which effect."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from mendwheel.integrations.jira.marker import marked
from mendwheel.integrations.jira.reading import body_text

_COMMENT = re.compile(r"issue/(?P<key>[^/]+)/comment(?:/(?P<id>[^/]+))?$")
_ISSUE = re.compile(r"issue/(?P<key>[^/]+)(?:/(?P<what>[^/?]+))?")
_SLACK_WRITES = ("chat.postMessage", "chat.update", "chat.postEphemeral", "views.")


@dataclass(frozen=True)
class Call:
    """`where`: channel or issue. `key`: the effect it says it is, or else what it writes to."""

    name: str
    where: str
    key: str
    writes: bool

    @property
    def kind(self) -> str:
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
    return Call(method, str(said.get("channel", "")), key, method.startswith(_SLACK_WRITES))


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


def _read(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type.startswith("application/json"):
        read = json.loads(body or b"{}")
        return read if isinstance(read, dict) else {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
