"""`make bench NAME=feigned DATA=DIR`: what models that are no good take from what rules resolve.

Each feigned model answers every prompt in its own way, through the same gateway and real runs as
any other, on the tickets that a real model is measured on. So what a weak one costs is seen without
one, and on no model's good day.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench import resolution_data as data
from bench.resolution_data import KINDS, Wanted
from bench.resolution_model import TICKETS, compared, model_results, with_model
from bench.resolution_run import embedder_of, filled, place, run, without_model
from bench.resolution_score import paired

Saying = Callable[[str, bool], dict[str, Any]]
"""From a prompt, and whether it asks for an answer rather than a cause, to what is said."""

_SHOWN = re.compile(r'<(?:evidence|fact) id="([^"]+)">\n(.*?)\n</', re.DOTALL)
_TITLE = re.compile(r"Title: (.*)")
_LONG = 300


def said(text: str, cited: str, answers: bool, **more: Any) -> dict[str, Any]:
    claims = [{"text": text, "evidence_ids": [cited]}]
    stance = "answer" if answers else "cause"
    return {"stance": stance, "claims": claims, "confidence": 1.0, **more}


def first(prompt: str) -> tuple[str, str]:
    """Id and text of the first thing that is shown."""
    found = _SHOWN.search(prompt)
    return (found.group(1), found.group(2)[:_LONG]) if found else ("K1", "nothing")


def _contrary(prompt: str, answers: bool) -> dict[str, Any]:
    cited, text = first(prompt)
    if answers:
        return said(f"No. {text}", cited, answers)
    return said(text, cited, answers, component="something else", fault="something else")


MODELS: dict[str, Saying] = {
    "talks of zebras": lambda prompt, answers: said(
        "Zebras graze near quiet violet rivers.", first(prompt)[0], answers
    ),
    "repeats the title": lambda prompt, answers: said(
        "".join(_TITLE.findall(prompt)[:1]) or "?", first(prompt)[0], answers
    ),
    "copies what it sees first": lambda prompt, answers: said(
        first(prompt)[1], first(prompt)[0], answers
    ),
    "cites what does not exist": lambda prompt, answers: said(first(prompt)[1], "Z99", answers),
    "objects with evidence": _contrary,
    "never knows": lambda _, __: {"stance": "unknown"},
}


def main() -> dict[str, Any]:
    wanted = Wanted.from_environment()
    score, settings = data.scorer(wanted), without_model()
    found: dict[str, Any] = {"embedder": embedder_of(settings)}
    for kind in KINDS:
        every, path = data.rows_of(wanted, kind), data.knowledge_of(wanted, kind)
        rows = data.drawn(data.chosen(every, wanted), TICKETS[kind])
        if not rows:
            continue  # SOURCES names none of this kind
        plain = run(filled(place(kind, every, [path], settings), [path]), rows)
        for name, saying in MODELS.items():
            with _serving(name, saying) as url:
                asked, results, _ = model_results(
                    kind, every, rows, path, with_model(settings, url)
                )
            pairs = compared(paired(asked, results), paired(asked, plain), score)
            found[f"{kind}: {name}"] = _short(pairs)
    return found


def _short(pairs: dict[str, Any]) -> dict[str, Any]:
    names = ("n", "difference", "difference_ci95", "only_with_model", "only_without")
    figures = ("resolved", "confidently_wrong")
    rules = {f"rules_{name}": pairs["extractive"][name] for name in figures}
    return {**{n: pairs[n] for n in names}, **rules, **{n: pairs["model"][n] for n in figures}}


@contextmanager
def _serving(name: str, saying: Saying) -> Iterator[str]:
    """An endpoint on a free port, where `name` is the one model."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": name, "object": "model"}]})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answers = asked["response_format"]["json_schema"]["name"] == "Answer"
            text = json.dumps(saying(asked["messages"][1]["content"], answers))
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            self._send({"id": "1", "object": "chat.completion", "created": 0, "model": name}
                       | {"choices": [choice], "usage": usage})  # fmt: skip

        def _send(self, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are not worth a line each."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
