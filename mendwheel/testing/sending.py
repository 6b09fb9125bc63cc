"""One request to the app under test, timed; what fails is an answer too."""

import io
import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

PATIENCE = 30.0
"""Seconds an answer is waited for. Slack waits for three; `Answer.seconds` says what it took."""


@dataclass
class Answer:
    """What an app answered; status 0 and why in `body` when it did not."""

    status: int
    body: str
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """Raises ValueError: the body is no JSON."""
        return json.loads(self.body)


async def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """POST and time the answer; a connection that fails is an answer with status 0."""
    started = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=io.BytesIO(body), headers=headers) as response,
        ):
            text = await response.text(errors="replace")
            taken = time.monotonic() - started
            return Answer(response.status, text, taken, dict(response.headers))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Answer(0, f"{type(error).__name__}: {error}", time.monotonic() - started)
