"""A model endpoint over real HTTP whose answers are written down beforehand, by what is asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PROMPT_TOKENS, ANSWER_TOKENS = 40, 8


class Endpoint:
    """`will["Answer"]` holds what the agents whose output is an `Answer` are told, in order.

    A dict is the answer's JSON, a string is said as it is, a number is an HTTP status. The last
    one is repeated. `delay` holds each answer back, in seconds, at most until the end.
    """

    def __init__(self) -> None:
        self.will: dict[str, list[dict[str, Any] | str | int]] = {}
        self.asked: list[str] = []
        self.delay = 0.0
        self._over = threading.Event()
        self.refusal: str | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, output: str) -> tuple[int, dict[str, Any]]:
        """Status and body of the next answer for agents with this output."""
        self.asked.append(output)
        script = self.will[output]
        said = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(said, int):
            return said, {"error": {"message": "no"}}
        content = said if isinstance(said, str) else json.dumps(said)
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if self.refusal:
            message = {"role": "assistant", "content": None, "refusal": self.refusal}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": ANSWER_TOKENS}
        usage["total_tokens"] = PROMPT_TOKENS + ANSWER_TOKENS
        chat = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
        return 200, chat | {"choices": [choice], "usage": usage}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                output = request["response_format"]["json_schema"]["name"]
                status, body = endpoint.answer(output)
                endpoint._over.wait(endpoint.delay)
                text = json.dumps(body).encode()
                try:
                    self.send_response(status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    self.close_connection = True  # whoever asked did not wait

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
