"""The log of a command that keeps running: on stderr, without control characters."""

import logging
import sys

from mendwheel.cli.terminal import safe


class _Safe(logging.Formatter):
    """Log lines may quote tickets and what others sent."""

    def format(self, record: logging.LogRecord) -> str:
        return safe(super().format(record))


def to_stderr(level: str) -> None:
    """Log from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Safe("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    if level == "info":
        # They tell of their own coming and going there; the commands do so in their own words.
        for name in ("temporalio.worker", "uvicorn"):
            logging.getLogger(name).setLevel(logging.WARNING)
