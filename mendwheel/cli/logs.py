"""The log of a command that keeps running: on stderr, without control characters and secrets."""

import logging
import sys
from collections.abc import Collection

from mendwheel.cli.terminal import safe

# They log whole requests, with what people wrote and the tokens that came with it.
_TALKATIVE = ("slack_bolt", "slack_sdk", "aiohttp", "jira", "urllib3")


class _Safe(logging.Formatter):
    """Log lines may quote tickets and what others sent."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        # The longest first: one secret may be the beginning of another.
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return safe(text)


def to_stderr(level: str, secrets: Collection[str] = ()) -> None:
    """Log from `level` on; `secrets` never appear, whoever logs them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Safe(secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    if level == "info":
        # They tell of their own coming and going there; the commands do so in their own words.
        for name in ("temporalio.worker", "uvicorn"):
            logging.getLogger(name).setLevel(logging.WARNING)
