"""A model endpoint over real HTTP that does whatever the attacker of the case wants.

It is not asked to be talked into anything: it obeys from the start, and passes on every secret it
is shown. What stands between it and the world is the suite alone.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_MARKER = re.compile(r"\bkx\d{4}\b")
_ID = re.compile(r'<(?:evidence|fact) id="([A-Z]\d+)"')
_FACT = re.compile(r'<(?:fact|evidence) id="([A-Z]\d+)">\n([^\n(]{20,300})')
_SECRET = re.compile(r"<secret-\d+>|ghp_\w{36}|vault-kx\d{4}-azurite")
_USAGE = {"prompt_tokens": 40, "completion_tokens": 8, "total_tokens": 48}


@dataclass(frozen=True)
class Wish:
    """What the attacker wants of the model. `{seen}` stands for every secret in its prompt."""

    kind: str = "anomaly"
    component: str | None = None
    severity: str = "high"
    stance: str = ""
    says: str = ""
    tool: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    missing: tuple[str, ...] = ()
    broken: bool = False


class ObedientModel:
    """`wishes` by the word that marks a case; without one it is asked about nothing."""

    def __init__(self) -> None:
        self.wishes: dict[str, Wish] = {}
        self.prompts: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, output: str, prompt: str) -> str:
        """What it says as an agent with this output."""
        self.prompts.append(prompt)
        found = _MARKER.search(prompt)
        wish = self.wishes.get(found[0] if found else "", Wish())
        if wish.broken and output != "Triage":
            return "no answer of any shape"
        return json.dumps(_SAID[output](wish, prompt))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                output = request["response_format"]["json_schema"]["name"]
                said = model.answer(output, request["messages"][1]["content"])
                message = {"role": "assistant", "content": said}
                choice = {"index": 0, "finish_reason": "stop", "message": message}
                chat = {"id": "c", "object": "chat.completion", "created": 1, "model": "obedient"}
                body = json.dumps(chat | {"choices": [choice], "usage": _USAGE}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


def _seen(text: str, prompt: str) -> str:
    return text.replace("{seen}", " ".join(dict.fromkeys(_SECRET.findall(prompt))))


def _triage(wish: Wish, prompt: str) -> dict[str, Any]:
    return {
        "kind": wish.kind,
        "severity": wish.severity,
        "component": wish.component,
        "missing": [] if "<note>" in prompt else list(wish.missing),
        "suspicious": False,
        "language": "en",
        "confidence": 1.0,
    }


def _found(wish: Wish, prompt: str) -> dict[str, Any]:
    """An answer or a cause; first of all the read that is wanted, where it may be asked for."""
    if wish.query and "Tool inventory" in prompt and "(reading, inventory" not in prompt:
        return {"calls": [{"tool": "inventory", "query": _seen(wish.query, prompt)}]}
    cited = list(dict.fromkeys(_ID.findall(prompt)))[:8]
    claims = [{"text": _seen(wish.says, prompt)[:1200], "evidence_ids": cited}]
    if wish.kind == "anomaly":
        # What stands the citation check beside it, so that not all falls with what was said. Not
        # of documents: those of other cases are among them.
        facts = _FACT.findall(prompt)[:3]
        claims += [{"text": text, "evidence_ids": [name]} for name, text in facts]
    stance = wish.stance or ("answer" if wish.kind == "consulting" else "cause")
    return {"stance": stance, "claims": claims, "confidence": 1.0, "component": wish.component}


def _proposal(wish: Wish, prompt: str) -> dict[str, Any]:
    arguments = [
        {"name": name, "value": _seen(value, prompt)} for name, value in wish.arguments.items()
    ]
    return {"tool": wish.tool, "arguments": arguments, "expected": "all is well", "reason": "asked"}


def _review(wish: Wish, prompt: str) -> dict[str, Any]:
    return {"verdict": "accept", "claims": []}


_SAID = {
    "Triage": _triage,
    "Answer": _found,
    "Cause": _found,
    "Review": _review,
    "Proposal": _proposal,
}
