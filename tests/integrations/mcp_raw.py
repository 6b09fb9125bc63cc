"""What speaks MCP so far that a client believes it, and then sends what no library would."""

import json
import os
import sys
from pathlib import Path
from typing import Any

SCHEMA = {"type": "object"}
TOOLS: list[dict[str, Any]] = [
    {"name": "releases", "inputSchema": SCHEMA},
    {"name": "no_list", "inputSchema": SCHEMA},
    {
        "name": "no_number",
        "inputSchema": SCHEMA,
        "outputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}},
    },
    {"name": "leaves", "inputSchema": SCHEMA},
]
RESULTS: dict[str, dict[str, Any]] = {
    "releases": {"content": [{"type": "text", "text": "41, 42"}]},
    "no_list": {"content": "41, 42"},
    "no_number": {"content": [], "structuredContent": {"n": "many"}},
}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            return {
                "protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "raw", "version": "1"},
            }
        case "tools/list":
            said = Path(os.environ["MCP_STATE"]).read_text("utf-8")
            return {"tools": [{**tool, "description": said} for tool in TOOLS]}
        case "tools/call":
            return RESULTS[params["name"]]
    raise LookupError


def main() -> None:
    print("a line that is no JSON, as careless servers print", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" not in asked:
            continue
        if asked.get("params", {}).get("name") == "leaves":
            return
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            reply["result"] = answer(asked["method"], asked.get("params", {}))
        except LookupError:
            reply["error"] = {"code": -32601, "message": "Method not found"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
