"""A full run with a canary in every secret: Slack, Jira, alerts, a model, MCP, senses, codec."""

import asyncio
import json
import os
import re
import sys
import threading
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mendwheel.conformance.ours import environment
from mendwheel.security import key_file
from mendwheel.testing.jira_side import JiraSide
from mendwheel.testing.slack_side import SlackSide
from tests.canaries import Canary, in_text, of_settings, told
from tests.listening import listening

STAND = Path(__file__).with_name("mcp_stand.py")
CODE = "import sys; from mendwheel.cli import main; sys.exit(main())"
PATIENCE = 60.0


class World:
    """Everything that is asked by the suite: senses, on-call, and a model that repeats all it can.

    The model names each placeholder that it was given wherever it may write, so that whatever is
    put back on the way is put where it would leak.
    """

    def __init__(self, tool: str) -> None:
        self.prompts: list[bytes] = []
        self.paths: list[str] = []
        self._tool = tool
        self._lock = threading.Lock()
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                world.paths.append(self.path)
                self.answer({"status": "error", "error": world._tool}, 500)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                world.paths.append(self.path)
                if "completions" not in self.path:
                    self.answer({"status": "success"}, 202)
                    return
                with world._lock:
                    world.prompts.append(body)
                self.answer(completion(json.loads(body)), 200)

            def answer(self, what: Any, status: int) -> None:
                raw = json.dumps(what).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


def completion(request: dict[str, Any]) -> dict[str, Any]:
    """An answer of the wanted shape that repeats every placeholder of the prompt."""
    prompt = "\n".join(str(each["content"]) for each in request["messages"])
    hidden = " ".join(dict.fromkeys(re.findall(r"<(?:secret|email)-\d+>", prompt))) or "nothing"
    ids = re.findall(r'<evidence id="([^"]+)"', prompt)[:2]
    claim = {"text": f"It said {hidden}"[:900], "evidence_ids": ids, "quote": ""}
    answers: dict[str, Any] = {
        "Triage": {
            "kind": "anomaly" if "fails" in prompt else "consulting",
            "severity": "high",
            "component": hidden[:60],
            "missing": [],
            "suspicious": False,
            "language": "en",
            "confidence": 0.9,
        },
        "Answer": {
            "calls": [],
            "stance": "answer",
            "claims": [claim],
            "questions": [],
            "confidence": 0.9,
        },
        "Cause": {
            "calls": [],
            "stance": "cause",
            "component": hidden[:60],
            "fault": hidden[:60],
            "claims": [claim],
            "confidence": 0.9,
        },
        "Review": {"verdict": "accept", "claims": []},
        "Proposal": {"tool": None, "arguments": [], "expected": "", "reason": hidden[:200]},
    }
    name = request["response_format"]["json_schema"]["name"]
    message = {"role": "assistant", "content": json.dumps(answers[name])}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57},
    }


class Run:
    """A running suite as people start it, and what it was given."""

    def __init__(self, folder: Path) -> None:
        self.home, self.out = folder / "home", folder / "out"
        self.home.mkdir()
        self.out.mkdir()
        self.settings = of_settings()
        self.report, self.tool = in_text("report"), in_text("tool")
        self.document = in_text("document")
        self.keys = self.home / "payload.keys"
        key_file.make(self.keys)
        del self.settings["payload_keys"]  # the file is used; its key is looked for as well
        key = self.keys.read_text("utf-8").split()[-1]
        self.settings["payload_keys_file"] = Canary("setting", "payload_keys_file", key)
        self.settings["model_keys"] = Canary(
            "setting", "model_keys", f"canary-{os.urandom(9).hex()}"
        )
        self.world = World(told(self.tool))
        self.slack = SlackSide(
            token=self.value("slack_bot_token"), signing_secret=self.value("slack_signing_secret")
        )
        self.jira = JiraSide(
            token=self.value("jira_token"), webhook_secret=self.value("jira_webhook_secret")
        )
        self.app = self.temporal = ""

    def value(self, name: str) -> str:
        return self.settings[name].value

    def environment(self) -> dict[str, str]:
        """A canary in every secret setting, and every address at our own world."""
        around = {k: v for k, v in os.environ.items() if not k.startswith("MENDWHEEL_")}
        own = [each for each in self.settings if each not in ("payload_keys_file", "model_keys")]
        for name in own:
            value = self.value(name)
            held = json.dumps({"X-Canary": value}) if name.endswith("_headers") else value
            around[f"MENDWHEEL_{name.upper()}"] = held
        server = {
            "name": "stand",
            "command": sys.executable,
            "args": [str(STAND)],
            "env": {"STAND_TOKEN": "given"},
            "reads": [{"tool": "releases", "arguments": {"service": "shop"}}],
        }
        probe = {"component": "shop", "url": f"{self.world.url}/health", "token": "given"}
        addresses = ("prometheus", "loki", "jaeger", "changes", "customer", "kubernetes", "oncall")
        around |= environment(self.slack, self.jira) | {
            f"MENDWHEEL_{name.upper()}_URL": f"{self.world.url}/{name}" for name in addresses
        }
        return around | {
            "MENDWHEEL_HOME": str(self.home),
            "MENDWHEEL_EMBEDDER": "none",
            "MENDWHEEL_LISTEN": "127.0.0.1:0",
            "MENDWHEEL_LOG_LEVEL": "debug",
            "MENDWHEEL_LIMITS__WATCH_WINDOW": "0",
            "MENDWHEEL_PAYLOAD_KEYS_FILE": str(self.keys),
            "MENDWHEEL_SENSE_SECRETS": json.dumps({"given": self.value("sense_secrets")}),
            "MENDWHEEL_REMEDY_SECRETS": json.dumps({"given": self.value("remedy_secrets")}),
            "MENDWHEEL_MCP_SERVERS": json.dumps([server]),
            "MENDWHEEL_PROBES": json.dumps([probe]),
            "MENDWHEEL_CUSTOMER_URL": f"{self.world.url}/customer/{{subject}}",
            "MENDWHEEL_CUSTOMER_FIELDS": '["plan"]',
            "MENDWHEEL_MODEL_BASE_URL": f"{self.world.url}/v1",
            "MENDWHEEL_MODEL": "m",
            "MENDWHEEL_MODEL_KEYS": '["env:CANARY_MODEL_KEY"]',
            "CANARY_MODEL_KEY": self.value("model_keys"),
            "MENDWHEEL_CODEC_ORIGIN": "http://127.0.0.1:8233",
        }

    async def command(self, *words: str) -> str:
        """Run a command to its end; what it says is kept, and given back."""
        name = f"{words[0]}-{len(list(self.out.iterdir()))}"
        with (self.out / name).open("wb") as said:
            child = await self._start(words, said)
            async with asyncio.timeout(PATIENCE):
                await child.wait()
        return (self.out / name).read_text("utf-8", "replace")

    @asynccontextmanager
    async def kept(self, *words: str, says: str) -> AsyncIterator[str]:
        """A command that runs on; yields the line that begins with `says`."""
        path = self.out / words[0]
        with path.open("wb") as said:
            child = await self._start(words, said)
            try:
                yield await self._line(path, child, says)
            finally:
                if child.returncode is None:
                    child.terminate()
                await child.wait()

    async def _start(self, words: tuple[str, ...], said: Any) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CODE, *words),
            env=self.environment(),
            cwd=self.home.parent,
            stdout=said,
            stderr=said,
        )

    async def _line(self, path: Path, child: Process, begins: str) -> str:
        async with asyncio.timeout(PATIENCE):
            while True:
                text = path.read_text("utf-8", "replace")  # noqa: ASYNC240
                for line in text.splitlines():
                    if line.startswith(begins):
                        return line
                assert child.returncode is None, f"it ended before {begins!r}:\n{text[-2000:]}"
                await asyncio.sleep(0.1)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Run]:
    run = Run(folder)
    async with AsyncExitStack() as stack:
        stack.enter_context(listening(run.world.server))
        stack.enter_context(run.slack)
        stack.enter_context(run.jira)
        up = await stack.enter_async_context(
            run.kept("up", "--no-ui", "--port", "17233", says="Temporal")
        )
        run.temporal = up.split()[1]
        serve = await stack.enter_async_context(run.kept("serve", says="listening"))
        run.app = serve.split()[1]
        yield run
