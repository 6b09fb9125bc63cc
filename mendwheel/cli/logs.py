"""The log of a command that keeps running: on stderr, without control characters and secrets."""

import logging
import sys
from collections.abc import Collection

from mendwheel.cli.terminal import safe
from mendwheel.security.redaction import redact_beginning
from mendwheel.security.secret_values import secrets_of
from mendwheel.settings import Settings

# They log whole requests, with what people wrote and the tokens that came with it.
_TALKATIVE = ("slack_bolt", "slack_sdk", "aiohttp", "jira", "urllib3")

_LONGEST = 20_000
"""Characters of one line: what is longer is somebody's text, and redacting it would take time."""


class _Safe(logging.Formatter):
    """Log lines may quote tickets and what others sent."""

    def __init__(self, secrets: Collection[str]) -> None:
        """`secrets`: the longest first, since one may be the beginning of another."""
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        cut = len(text) - _LONGEST
        more = f" [cut: {cut:,} more characters]" if cut > 0 else ""
        return safe(redact_beginning(text, _LONGEST) + more)


def to_stderr(settings: Settings) -> None:
    """Log from `log_level` on. No secret of the settings appears, whoever logs it, and none in
    what others sent that has the shape of one."""
    level = settings.log_level
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Safe(secrets_of(settings)))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    if level == "info":
        # They tell of their own coming and going there; the commands do so in their own words.
        for name in ("temporalio.worker", "uvicorn"):
            logging.getLogger(name).setLevel(logging.WARNING)
